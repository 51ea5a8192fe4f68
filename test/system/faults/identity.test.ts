import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { SessionView } from "../../../shared/model/session.ts";
import type { StopResult } from "../../../shared/protocol/methods.ts";
import { isPortFree } from "../../support/ports.ts";
import { isAlive, processesWith, seeProcess, signalProcess } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";
import type { Answer } from "../answer.ts";
import { inWorld, type World } from "./world.ts";

/** Everything on disk that names processes of the session, each value passed through `change`. */
async function rewriteState(
  world: World,
  view: SessionView,
  change: (json: string) => string,
): Promise<void> {
  const directory = join(world.home.directory, "sessions", view.sandboxId, "dev_server_web");
  for (const name of ["host.json", "ledger.json"]) {
    const file = join(directory, name);
    writeFileSync(file, change(readFileSync(file, "utf8")));
  }
  const thread = new DatabaseSync(join(directory, "thread.db"));
  const launch = thread.prepare("SELECT * FROM launches").get() ?? {};
  const changed = JSON.parse(change(JSON.stringify(launch)));
  thread
    .prepare("UPDATE launches SET host_pid = ?, host_start = ?, leader_pid = ?, leader_start = ?")
    .run(changed.host_pid, changed.host_start, changed.leader_pid, changed.leader_start);
  thread.close();
  const store = new DatabaseSync(join(world.home.directory, "store.db"));
  for (const { key, value } of store
    .prepare("SELECT key, value FROM record WHERE key LIKE 'session/%'")
    .all()) {
    store.prepare("UPDATE record SET value = ? WHERE key = ?").run(change(String(value)), String(key));
  }
  store.close();
}

/** Ends daemon, host and server at one blow, as a power cut would. @returns the session as it was, and who it was */
async function cutPower(world: World) {
  const { pid } = await world.ok<Answer>(["start", "web"]);
  const view = await world.session();
  assert.ok(view);
  const ledger = join(world.home.directory, "sessions", view.sandboxId, "dev_server_web", "ledger.json");
  await waitFor("the ledger", () => existsSync(ledger));
  const host = world.host();
  assert.ok(host);
  const everybody = [host, ...processesWith("DEVLATCH_HOME", world.home.directory)];
  for (const one of everybody) signalProcess(one, "SIGSTOP");
  for (const one of everybody) signalProcess(one, "SIGKILL");
  await waitFor("them to be gone", () => everybody.every((one) => !isAlive(one)));
  return { view, pid, host: host.pid };
}

/** A new daemon has to find that nothing of the session lives, whatever the files say, and start it anew. */
async function expectGone(world: World): Promise<void> {
  const state = (await world.session())?.state.kind;
  assert.ok(state === "failed" || state === "stopped", state);
  assert.equal((await world.ok<StopResult>(["stop", "web"])).outcome, "not_running");
  const again = await world.ok<Answer>(["start", "web"]);
  assert.deepEqual([again.outcome, again.port], ["started", world.port]);
  await world.ok(["stop", "web"]);
  assert.deepEqual([world.launches(), await isPortFree(world.port)], [0, true]);
}

test(
  "files that point at an innocent process (its pid, the old start time) make nobody signal it",
  inWorld({}, async (world) => {
    const { view, pid, host } = await cutPower(world);
    const innocent = await world.innocent();
    const both = new RegExp(`(?<=pid"?:\\s*)(${pid}|${host})\\b`, "g");
    await rewriteState(world, view, (json) => json.replaceAll(both, String(innocent.pid)));
    await expectGone(world);
  }),
);

test(
  "another boot: the pid and the very start time of an innocent process, but a boot id that isn't this one's",
  inWorld({}, async (world) => {
    const { view, pid, host } = await cutPower(world);
    const innocent = await world.innocent();
    const ticks = seeProcess(innocent.pid)?.startTime ?? "";
    const change = (json: string) =>
      json
        .replaceAll(new RegExp(`(?<=pid"?:\\s*)(${pid}|${host})\\b`, "g"), String(innocent.pid))
        .replaceAll(/"[0-9a-f-]{36}:\d+"/g, `"00000000-0000-4000-8000-000000000000:${ticks}"`);
    await rewriteState(world, view, change);
    await expectGone(world);
  }),
);

test(
  "the pids of server and host are really given to innocent processes: nobody signals those",
  { skip: process.getuid?.() !== 0 && "choosing the next pid takes root" },
  inWorld({}, async (world) => {
    const { pid, host } = await cutPower(world);
    const taken = [await takePid(world, pid), await takePid(world, host)];
    assert.deepEqual(taken, [pid, host]);
    await expectGone(world);
  }),
);

test(
  "a daemon's state file that names an innocent process",
  inWorld({}, async (world) => {
    await world.ok(["start", "web"]);
    await world.kill(world.home.daemonPid());
    const innocent = await world.innocent();
    const file = join(world.home.directory, "daemon.json");
    const state = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...state, pid: innocent.pid }));
    assert.equal((await world.ok<Answer>(["start", "web"])).outcome, "reused");
    await world.ok(["stop", "web"]);
    await world.ok(["daemon", "stop"]);
  }),
);

/** Starts an innocent process with just this pid: the kernel gives out the number after the last one. */
async function takePid(world: World, pid: number): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const innocent = await world.innocent({}, () =>
      writeFileSync("/proc/sys/kernel/ns_last_pid", String(pid - 1)),
    );
    if (innocent.pid === pid) return pid;
  }
  throw new Error(`Somebody else always was quicker in taking pid ${pid}.`);
}
