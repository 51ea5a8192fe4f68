import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { machineId } from "../../daemon/processes/machine.ts";
import { runCli } from "../support/cli.ts";
import { waitFor } from "../support/wait.ts";
import type { Answer } from "../system/answer.ts";
import { forgedSession, hostileRedis, type Json } from "./redis-world.ts";

/** How long something that must not happen is given to happen, in milliseconds: a restart is due at once. */
const longEnoughMs = 6_000;

async function letTimePass(): Promise<void> {
  const begun = performance.now();
  await waitFor("time enough for the attack", () => performance.now() - begun > longEnoughMs);
}

function startTimeOf(pid: number): string {
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return `${boot}:${readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[19]}`;
}

test("a forged command with a restart policy doesn't run: not by itself, and not in place of a server of ours", async (t) => {
  const world = await hostileRedis(t, { restart: "on-failure" });
  const { cwd, run, read, forge, keys } = world;
  const before = await run<Answer>(["start", "web"]);
  const proof = join(cwd, "proof");
  const command = ["node", "-e", `require("fs").writeFileSync(${JSON.stringify(proof)}, "")`];
  const key = (await keys()).find((one) => one.startsWith("session/")) ?? "";
  const { value, version } = await read(key);
  const error = { code: "NOT_RUNNING", message: "it ended", remedy: "", logTail: [] };
  const due = { kind: "restarting", since: Date.now(), at: Date.now(), attempt: 1, error };
  const attack: Json = { ...value, asked: { cwd, command }, restart: "always", state: due };
  await forge(key, attack, version + 1);
  await letTimePass();
  assert.equal(existsSync(proof), false, "the forged command ran");
  assert.doesNotThrow(() => process.kill(before.pid, 0), "the server was ended");
  // A caller that starts it again gets the server that runs.
  assert.equal((await run<Answer>(["start", "web"])).pid, before.pid);
  await forge(key, { ...attack, state: { kind: "stopped", since: 1 } }, version + 10);
  assert.equal((await run<Answer>(["start", "web"])).pid, before.pid);
  assert.equal(existsSync(proof), false, "the forged command ran");
});

test("a forged directory with a ledger ends no process", async (t) => {
  const world = await hostileRedis(t);
  const { cwd, home, env, run, forge } = world;
  const { sandboxId } = await run<Answer>(["start", "web"]);
  await run(["stop", "web"]);
  const victim = spawn("sleep", ["1000"], { stdio: "ignore", detached: true });
  t.after(() => victim.kill("SIGKILL"));
  assert.ok(victim.pid);
  const identity = { pid: victim.pid, startTime: startTimeOf(victim.pid) };
  const launchId = "0123456789abcdef0123456789abcdef";
  const directory = join(cwd, "sessions", sandboxId, "dev_server_web");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(join(directory, "ledger.json"), JSON.stringify({ launchId, processes: [identity] }));
  const description = { session: "dev_server_web", launchId, fence: 1, startedAt: 1 };
  writeFileSync(
    join(directory, "host.json"),
    JSON.stringify({ ...description, host: identity, leader: identity }),
  );
  const hosting = { kind: "hosted", launchId, directory, machineId: await machineId() };
  const state = { kind: "ready", since: 1, ...identity, port: 3000, url: "http://localhost:3000" };
  for (const kind of ["stopping", "starting", "ready"]) {
    const claimed = kind === "ready" ? state : { kind, since: 1, phase: "launching" };
    await forge(`session/${sandboxId}/web`, forgedSession(sandboxId, cwd, { hosting, state: claimed }));
    await runCli(["stop", "web", "--json", "--cwd", cwd], { home, env });
    assert.equal(victim.exitCode ?? victim.signalCode, null, `it was ended as ${kind}`);
  }
  await run(["daemon", "stop"]);
  await forge(
    `session/${sandboxId}/web`,
    forgedSession(sandboxId, cwd, { hosting, state: { kind: "stopping", since: 1 } }),
  );
  await run(["start", "web"]);
  await letTimePass();
  assert.equal(victim.exitCode ?? victim.signalCode, null, "it was ended by a daemon that begins");
});

test("values of environment variables, the last lines of output and what a restart is made of don't stand in Redis", async (t) => {
  const secret = "correct-horse-battery";
  const world = await hostileRedis(t, { env: { API_KEY: secret }, restart: "on-failure" });
  const { cwd, home, env, run, keys, read } = world;
  await run(["start", "web"]);
  const done = await runCli(["run", "job", "--cwd", cwd, "--", "node", "-e", "0"], { home, env });
  assert.equal(done.code, 0, done.stderr);
  for (const key of await keys()) {
    const { text } = await read(key);
    assert.ok(!text.includes(secret), `${key}: ${text}`);
    if (key.startsWith("session/")) assert.doesNotMatch(text, /"(asked|restart|restarts|stop)":/);
  }
  // Yet a second caller's other value is told from it.
  assert.equal((await run<Answer>(["start", "web"])).outcome, "reused");
  writeFileSync(
    join(cwd, "devlatch.json"),
    JSON.stringify({ apps: { web: { port: world.port, env: { API_KEY: "other" }, restart: "on-failure" } } }),
  );
  const refused = await runCli(["start", "web", "--json", "--cwd", cwd], { home, env });
  assert.notEqual(refused.code, 0);
  assert.match(refused.stdout, /environment variable API_KEY differs/);
});
