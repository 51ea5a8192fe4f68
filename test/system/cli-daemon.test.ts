import assert from "node:assert/strict";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { randomToken } from "../../shared/base/token.ts";
import { runProgram } from "../support/child.ts";
import { commandLine, runCli } from "../support/cli.ts";
import { createHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { assertNoneLeft } from "../support/leaks.ts";
import { freePort } from "../support/ports.ts";
import { seeProcess, signalProcess } from "../support/processes.ts";
import { prepareProject } from "../support/projects.ts";
import { startRedis } from "../support/redis.ts";
import { waitFor } from "../support/wait.ts";

interface DaemonDocument {
  readonly outcome: string;
  readonly daemon: { readonly pid: number };
}

describe("the daemon's life from the command line", () => {
  it("starts once, is shown, stops, and leaves no process and no socket", async (t) => {
    const home = createHome(t);
    const first = await runJson<DaemonDocument>(["daemon", "start"], { home });
    const second = await runJson<DaemonDocument>(["daemon", "start"], { home });
    assert.deepEqual([first.outcome, second.outcome], ["started", "running"]);
    assert.equal(second.daemon.pid, first.daemon.pid);
    const shown = await runJson<{ running: boolean }>(["daemon", "status"], { home });
    assert.equal(shown.running, true);
    const stopped = await runCli(["daemon", "stop", "--json"], { home });
    assert.deepEqual(stopped.json, { outcome: "stopped" });
    await assertNoneLeft({ DEVLATCH_HOME: home.directory }, { graceMs: 30_000 });
    const doctor = (await runCli(["doctor", "--json"], { home })).json as {
      ok: boolean;
      findings: { check: string }[];
    };
    assert.equal(doctor.ok, true);
    assert.ok(!doctor.findings.some(({ check }) => check === "socket"));
  });

  it("who relies on Redis is not served by a daemon that locks for itself alone", async (t) => {
    const home = createHome(t);
    const redis = await startRedis();
    t.after(() => redis.stop());
    await runCli(["daemon", "start"], { home });
    const env = { DEVLATCH_REDIS_URL: redis.url };
    const refused = await runCli(["locks", "--json"], { home, env });
    assert.equal(refused.code, 3, refused.stdout);
    assert.equal((refused.json as { error: { code: string } }).error.code, "STORE_DIFFERS");
    await runCli(["daemon", "stop"], { home, env });
    const shared = await runCli(["locks", "--json"], { home, env });
    assert.equal(shared.code, 0, shared.stdout + shared.stderr);
  });

  it("one in another network starts nothing for who couldn't reach it, and says so", async (t) => {
    const inAnother = (...words: string[]) => [
      "--net",
      ...(process.getuid?.() === 0 ? [] : ["--user"]),
      ...words,
    ];
    const tried = await runProgram("unshare", inAnother("true")).catch(() => undefined);
    if (tried?.code !== 0) return t.skip("networks of their own can't be had here");
    const home = createHome(t);
    const cwd = await prepareProject("plain", t);
    const start = ["start", "web", "--port", String(await freePort()), "--cwd", cwd];
    // Its loopback is down: the server runs, and isn't ready.
    const there = inAnother(process.execPath, commandLine, ...start, "--timeout", "1");
    const { code, stderr } = await runProgram("unshare", there, { env: home.env() });
    assert.equal(code, 5, stderr);
    const refused = await runCli(start, { home });
    assert.equal(refused.code, 3, refused.stdout);
    assert.match(refused.stderr, /is in another network than this.*: its servers can't be reached from here/);
    assert.match((await runCli(["doctor"], { home })).stdout, /✗ .* in another network/);
    const echo = ["dev", "--cwd", cwd, "--", process.execPath, "-p", "'as it is'"];
    const aside = await runCli(echo, { home });
    assert.equal(aside.stdout, "as it is\n");
    assert.match(aside.stderr, /in another network/);
    const stopped = await runCli(["stop", "web", "--cwd", cwd], { home });
    assert.match(stopped.stdout, /^web stopped/, stopped.stderr);
    await runCli(["daemon", "stop"], { home });
    assert.equal((await runCli(start, { home })).code, 0);
  });

  it("ends by itself when nothing is left to do, and not before", async (t) => {
    const home = createHome(t);
    const cwd = await prepareProject("plain", t);
    const env = { DEVLATCH_IDLE_MS: "300" };
    const start = ["start", "web", "--port", String(await freePort()), "--cwd", cwd];
    assert.equal((await runCli(start, { home, env })).code, 0);
    const pid = home.daemonPid();
    await delay(1_500);
    assert.equal(home.daemonPid(), pid, "a server runs: the daemon stays");
    assert.equal((await runCli(["stop", "web", "--cwd", cwd], { home, env })).code, 0);
    await waitFor("the daemon to end", () => home.daemonPid() === undefined);
  });

  it("writes a log that only its user can read and that holds no secret", async (t) => {
    const home = createHome(t);
    const cwd = await prepareProject("plain", t);
    const secret = randomToken();
    const env = { DEVLATCH_LOG_LEVEL: "debug", MY_API_KEY: secret };
    const start = ["start", "web", "--port", String(await freePort()), "--cwd", cwd];
    assert.equal((await runCli(start, { home, env })).code, 0);
    await runCli(["stop", "web", "--cwd", cwd], { home, env });
    await runCli(["daemon", "stop"], { home, env });
    const file = join(home.directory, "daemon.log");
    const log = readFileSync(file, "utf8");
    const token = readFileSync(join(home.directory, "token"), "utf8").trim();
    assert.ok(log.includes('"msg":"listening"'));
    assert.ok(!log.includes(secret) && !log.includes(token), "no environment value, no token");
    assert.equal(statSync(file).mode & 0o077, 0);
  });

  it("stopping and starting again at once works: the next daemon waits for the lock of the last", async (t) => {
    const home = createHome(t);
    await runCli(["daemon", "start"], { home });
    for (let round = 0; round < 3; round++) {
      assert.equal((await runCli(["daemon", "stop"], { home })).code, 0);
      assert.equal((await runCli(["daemon", "start"], { home })).code, 0);
    }
  });

  it("a second daemon for the same home gives way and says so", async (t) => {
    const home = createHome(t);
    const first = await runJson<DaemonDocument>(["daemon", "start"], { home });
    const script = join(commandLine, "../daemon.js");
    const second = await runProgram(process.execPath, [script], { env: home.env() });
    assert.match(second.stdout, /"running"/);
    assert.equal(home.daemonPid(), first.daemon.pid);
  });

  it("state files of another world are replaced: garbage state, garbage token, a dead daemon's address", async (t) => {
    const home = createHome(t);
    const state = join(home.directory, "daemon.json");
    writeFileSync(state, '{"pid": "many", "address"');
    writeFileSync(join(home.directory, "token"), "not a token\n", { mode: 0o600 });
    assert.equal((await runCli(["daemon", "start"], { home })).code, 0);
    const daemon = seeProcess(home.daemonPid() ?? -1);
    assert.ok(daemon);
    signalProcess(daemon, "SIGKILL");
    await waitFor("the daemon to die", () => seeProcess(daemon.pid) === undefined);
    assert.match((await runCli(["status"], { home })).stdout, /No daemon runs/);
    const doctor = await runCli(["doctor"], { home });
    assert.equal(doctor.code, 0, doctor.stdout);
    assert.match(doctor.stdout, /! No daemon answers at the socket/);
    assert.equal((await runCli(["daemon", "start"], { home })).code, 0);
    assert.notEqual(home.daemonPid(), daemon.pid);
  });

  it("a wrong token is refused with exit 1, and the doctor names the cure", async (t) => {
    const home = createHome(t);
    await runCli(["daemon", "start"], { home });
    const file = join(home.directory, "token");
    const right = readFileSync(file, "utf8");
    writeFileSync(file, `${randomToken()}\n`, { mode: 0o600 });
    const result = await runCli(["status", "--json"], { home });
    assert.equal(result.code, 1);
    assert.equal((result.json as { error: { code: string } }).error.code, "UNAUTHENTICATED");
    const doctor = await runCli(["doctor"], { home });
    assert.equal(doctor.code, 1);
    assert.match(doctor.stdout, /token/);
    writeFileSync(file, right, { mode: 0o600 });
    assert.equal((await runCli(["status"], { home })).code, 0);
  });

  it("the doctor finds a home that others may enter", async (t) => {
    const home = createHome(t);
    await runCli(["daemon", "start"], { home });
    chmodSync(home.directory, 0o755);
    const doctor = await runCli(["doctor"], { home });
    assert.equal(doctor.code, 1);
    assert.match(doctor.stdout, new RegExp(`chmod 700 ${home.directory}`));
  });
});

it("what V8 made of the programs is kept where there is a home, and looking makes none", async (t) => {
  const home = createHome(t, { uncompiled: true });
  const nowhere = join(home.directory, "nowhere");
  assert.equal((await runCli(["--help"], { home, env: { DEVLATCH_HOME: nowhere } })).code, 0);
  assert.equal(existsSync(nowhere), false);
  assert.equal((await runCli(["daemon", "start"], { home })).code, 0);
  assert.equal((await runCli(["daemon", "stop"], { home })).code, 0);
  const kept = () => readdirSync(join(home.directory, "cache"), { recursive: true, withFileTypes: true });
  // The daemon's too: it writes at its end.
  await waitFor("what was compiled", () => kept().filter((entry) => entry.isFile()).length > 5);
  assert.equal(statSync(home.directory).mode & 0o777, 0o700);
});
