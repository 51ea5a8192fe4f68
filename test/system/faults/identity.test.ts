import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { SessionView } from "../../../shared/model/session.ts";
import { seeProcess } from "../../support/processes.ts";
import type { Answer } from "../answer.ts";
import { cutPower, expectGone } from "./power-cut.ts";
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

test(
  "files that point at an innocent process (its pid, the old start time) get it no signal",
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
