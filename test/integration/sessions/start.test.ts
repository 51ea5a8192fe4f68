import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startLockKey } from "../../../shared/model/keys.ts";
import { waitFor } from "../../support/wait.ts";
import { keyOf } from "./apps.ts";
import { assertGone, patience, processes, refused, SessionWorld } from "./world.ts";

const world = await SessionWorld.open({ after });
const daemon = await world.daemon();
/** Listens when told to: until then its start is under way. */
/** A script that does something once there is the file `go`. */
const whenTold = (what: string) => `setInterval(() => require("node:fs").existsSync("go") && ${what}, 10)`;
const gated = { env: { GATE: "go" } };

test("a start gives a server of its own that answers on the wished port, and its URL", async (t) => {
  const app = await world.app(t);
  const phases: string[] = [];
  const started = await daemon.start(app, { progress: (phase) => phases.push(phase) });
  assert.deepEqual(
    [started.outcome, started.session, started.state, started.port, started.url],
    ["started", "dev_server_web", "ready", app.port, `http://localhost:${app.port}`],
  );
  assert.deepEqual(phases.slice(-5), ["launching", "spawned", "listening", "responding", "ready"]);
  assert.equal(await app.answer(), "ours");
  assert.deepEqual(app.spawned(), [started.pid]);
  const [listener] = await processes.listeners(app.port);
  const state = await daemon.until(app, "ready");
  assert.deepEqual([state.pid, state.startTime], [listener?.pid, listener?.startTime]);
});

test("a second caller gets the same server", async (t) => {
  const app = await world.app(t);
  const first = await daemon.start(app);
  const second = await daemon.start(app);
  assert.deepEqual({ ...second, elapsedMs: 0 }, { ...first, outcome: "reused", elapsedMs: 0 });
  assert.equal(app.spawned().length, 1);
});

test("of twenty callers at once one starts it, and all get its URL", async (t) => {
  const app = await world.app(t);
  const results = await Promise.all(Array.from({ length: 20 }, () => daemon.start(app)));
  assert.equal(results.filter(({ outcome }) => outcome === "started").length, 1);
  assert.equal(results.filter(({ outcome }) => outcome === "reused").length, 19);
  assert.equal(new Set(results.map(({ pid, url, fence }) => JSON.stringify([pid, url, fence]))).size, 1);
  assert.equal(app.spawned().length, 1);
});

test("a start that asks for something else is told all that differs, and the server stays as it is", async (t) => {
  const app = await world.app(t, { env: { SECRET: "s3cret-1" } });
  const { pid } = await daemon.start(app);
  const other = app.planned({
    port: app.port + 1,
    command: [process.execPath, "other.mjs"],
    env: { SECRET: "s3cret-2" },
  });
  const { message } = await refused(daemon.start(other), "SESSION_DIFFERS");
  assert.match(message, /it runs `.*dev-server\.mjs`, not `.*other\.mjs`/);
  assert.match(message, new RegExp(`port ${app.port}, not ${app.port + 1}`));
  assert.match(message, /environment variable SECRET differs/);
  assert.doesNotMatch(message, /s3cret/, "values may be secrets");
  assert.deepEqual([(await daemon.start(app)).pid, app.spawned().length], [pid, 1]);
});

test("a caller that joins a start which asks for something else is told what differs; the start goes on", async (t) => {
  const app = await world.app(t, gated);
  const starting = daemon.start(app);
  await app.launched();
  const joining = refused(daemon.start(app.planned({ cwd: "/" })), "SESSION_DIFFERS");
  app.put("go");
  await joining;
  assert.equal((await starting).outcome, "started");
});

test("a caller that doesn't wait has its answer while the server comes up, and takes nothing with it when it goes", async (t) => {
  const app = await world.app(t, gated);
  const caller = new AbortController();
  const early = await daemon.start(app, { wait: false, signal: caller.signal });
  assert.deepEqual([early.outcome, early.state, early.url], ["started", "starting", null]);
  caller.abort(new Error("the caller is gone"));
  app.put("go");
  assert.equal((await daemon.until(app, "ready")).port, app.port);
  assert.equal(app.spawned().length, 1);
});

test("a caller that leaves doesn't take the start with it; when the last one leaves, nothing is left", async (t) => {
  const app = await world.app(t, gated);
  const [first, last] = [new AbortController(), new AbortController()];
  const leaving = daemon.start(app, { signal: first.signal });
  await app.launched();
  const staying = daemon.start(app, { signal: last.signal });
  first.abort(new Error("the first left"));
  await assert.rejects(leaving, /the first left/);
  assert.equal(app.living().length, 1);
  last.abort(new Error("the last left"));
  await assert.rejects(staying, /the last left/);
  await assertGone(app);
  assert.notEqual(daemon.record(app)?.state.kind, "starting");
});

test("a caller that leaves before its turn leaves nothing behind", async (t) => {
  const app = await world.app(t);
  const held = Promise.withResolvers<void>();
  const terms = { ttlMs: 60_000, waitMs: 0, owner: "another" };
  const key = startLockKey({ sandboxId: app.target.sandboxId, app: "web" });
  const holding = daemon.locks.withLock(key, terms, () => held.promise);
  const leaving = new AbortController();
  const starting = daemon.start(app, { signal: leaving.signal });
  const isQueued = async () =>
    (await daemon.locks.list()).some((lock) => lock.key === key && lock.waiters === 1);
  await waitFor("it to queue", isQueued);
  leaving.abort(new Error("changed my mind"));
  await assert.rejects(starting, /changed my mind/);
  held.resolve();
  await holding;
  assert.deepEqual([app.spawned(), daemon.record(app)], [[], undefined]);
});

test("a start has its deadline, the server hasn't: it goes on, a later start joins it, and it is ready by itself", async (t) => {
  const app = await world.app(t, { env: { GATE: "go" } });
  const { message, remedy } = await refused(daemon.start(app, { timeoutMs: 1_000 }), "DEADLINE");
  assert.match(message, /isn't ready after .*It goes on starting/);
  assert.match(remedy, /devlatch start web.*devlatch stop web/);
  assert.equal(daemon.record(app)?.state.kind, "starting");
  await refused(daemon.start(app, { timeoutMs: 1_000 }), "DEADLINE");
  app.put("go");
  await daemon.until(app, "ready");
  assert.deepEqual([(await daemon.start(app)).outcome, app.spawned().length], ["reused", 1]);
});

test("a server whose start was left is stopped like any other", async (t) => {
  const app = await world.app(t, { env: { GATE: "never" } });
  await refused(daemon.start(app, { timeoutMs: 1_000 }), "DEADLINE");
  assert.equal((await daemon.stop(app)).outcome, "stopped");
  await assertGone(app);
});

test("a server whose start was left and that ends by itself has failed", async (t) => {
  const command = [process.execPath, "-e", whenTold("process.exit(3)")];
  const app = await world.app(t, { command });
  await refused(daemon.start(app, { timeoutMs: 1_000 }), "DEADLINE");
  await waitFor("its host to be watched", () => !daemon.sessions.isSettling(keyOf(app)));
  app.put("go");
  assert.equal((await daemon.until(app, "failed")).exit?.code, 3);
});

test("at its deadline a start says whether the server listened, and shows its last lines", async (t) => {
  const silent = `require("node:net").createServer(() => console.log("asked")).listen(process.env.PORT, "127.0.0.1")`;
  const app = await world.app(t, { command: [process.execPath, "-e", silent] });
  const { signal, end } = patience();
  const starting = refused(daemon.start(app, { signal }), "DEADLINE");
  await waitFor("its output", async () => (await daemon.tail(app)).length > 0);
  end();
  const { message, data } = await starting;
  assert.match(
    message,
    new RegExp(`it listens on port ${app.port} but didn't answer over HTTP .*\\. It goes on starting`),
  );
  assert.deepEqual(data, { logTail: ["asked"] });
});

test("at its deadline a start doesn't take what another socket of the server speaks for the server's words", async (t) => {
  const app = await world.app(t, { command: [process.execPath, "server.cjs"], portOrigin: "guessed" });
  const [silent, worker] = ["() => {}", "(socket) => { console.log('asked'); socket.end('no HTTP'); }"];
  const listen = (handler: string, port: number) =>
    `require("node:net").createServer(${handler}).listen(${port}, "127.0.0.1");`;
  app.write("server.cjs", listen(silent, app.port) + listen(worker, 0));
  const { signal, end } = patience();
  const starting = refused(daemon.start(app, { signal }), "DEADLINE");
  await waitFor("the worker to be asked", async () => (await daemon.tail(app)).includes("asked"));
  end();
  assert.match(
    (await starting).message,
    new RegExp(`listens on port .*${app.port}.* but didn't answer over HTTP`),
  );
});

test("a server that never listened is said to have never listened", async (t) => {
  const app = await world.app(t, { command: ["sh", "-c", "sleep 1000 & echo > spawned; echo up; wait"] });
  const { signal, end } = patience();
  const starting = refused(daemon.start(app, { signal }), "DEADLINE");
  await waitFor("its child", () => app.living().length === 2);
  end();
  assert.match((await starting).message, new RegExp(`never listened on port ${app.port} or any other`));
});

test("a command that ends before it is ready: its exit and last lines are told and kept", async (t) => {
  const app = await world.app(t, { command: ["sh", "-c", "echo it broke; exit 3"] });
  const { message, data } = await refused(daemon.start(app), "EXITED_EARLY");
  assert.match(message, /exited with code 3 before web was ready/);
  assert.deepEqual(data, { exit: { code: 3, signal: null }, logTail: ["it broke"] });
  const { error, exit } = await daemon.until(app, "failed");
  assert.deepEqual([error.code, error.logTail, exit?.code], ["EXITED_EARLY", ["it broke"], 3]);
  await assertGone(app);
});

test("a command that ends with an error that is understood: the error is told and kept, no stack", async (t) => {
  const app = await world.app(t, { command: [process.execPath, "server.js"] });
  app.write("server.js", "function start() {\n  throw new Error('boom');\n}\nstart();\n");
  app.write("package.json", JSON.stringify({ devDependencies: { vite: "8" } }));
  const { message, remedy, data } = await refused(daemon.start(app), "EXITED_EARLY");
  const logTail = [`${app.cwd}/server.js:2:9: Error: boom`];
  assert.deepEqual(data, { exit: { code: 1, signal: null }, logTail });
  assert.match(message, /dependencies aren't installed: there is no node_modules in /);
  assert.match(remedy, /^Install them with: cd \S+ && npm install\. Then: devlatch start web$/);
  assert.deepEqual((await daemon.until(app, "failed")).error.logTail, logTail);
});

test("a server that fell can be started again", async (t) => {
  const app = await world.app(t);
  app.put("broken");
  await refused(daemon.start(app), "EXITED_EARLY");
  app.remove("broken");
  assert.equal((await daemon.start(app)).outcome, "started");
});

for (const [what, plan, code] of [
  ["a program that doesn't exist", { command: ["no-such-program"] }, "COMMAND_NOT_FOUND"],
  ["a directory that doesn't exist", { cwd: "/no/such/directory" }, "DIRECTORY_MISSING"],
] as const) {
  test(`${what} is said, also to a caller that doesn't wait, and stands in the record`, async (t) => {
    const app = await world.app(t, plan);
    await refused(daemon.start(app, { wait: false }), code);
    assert.equal((await daemon.until(app, "failed")).error.code, code);
  });
}

test("the server has the caller's environment under the app's own and the port, and none of Devlatch's secrets", async (t) => {
  const print = 'for (const n of ["A", "B", "PORT", "DEVLATCH_TOKEN"]) console.log(n + "=" + process.env[n])';
  const app = await world.app(t, { env: { B: "own" }, command: [process.execPath, "-e", print] });
  const callerEnvironment = {
    PATH: process.env["PATH"] ?? "",
    A: "caller",
    B: "caller",
    DEVLATCH_TOKEN: "secret",
  };
  const { data } = await refused(daemon.start(app, { callerEnvironment }), "EXITED_EARLY");
  const logTail = ["A=caller", "B=own", `PORT=${app.port}`, "DEVLATCH_TOKEN=undefined"];
  assert.partialDeepStrictEqual(data, { logTail });
});

test("what marks its caller as a build or an agent is no business of a server that all share, unless it is configured", async (t) => {
  const print =
    'for (const n of ["CI", "CLAUDECODE", "TURBO_UI", "ASTRO_DEV_BACKGROUND"]) console.log(n + "=" + process.env[n])';
  const callerEnvironment = { PATH: process.env["PATH"] ?? "", CI: "1", CLAUDECODE: "1", TURBO_UI: "true" };
  const command = [process.execPath, "-e", print];
  const logTailWith = async (env: Record<string, string>) => {
    const app = await world.app(t, { env, command });
    const { data } = await refused(daemon.start(app, { callerEnvironment }), "EXITED_EARLY");
    return (data as { logTail: string[] }).logTail.slice(0, 4);
  };
  const usual = ["CI=undefined", "CLAUDECODE=undefined", "TURBO_UI=false", "ASTRO_DEV_BACKGROUND=1"];
  assert.deepEqual(await logTailWith({}), usual);
  const configured = await logTailWith({ CI: "yes", TURBO_UI: "1" });
  assert.deepEqual(configured, ["CI=yes", "CLAUDECODE=undefined", "TURBO_UI=1", "ASTRO_DEV_BACKGROUND=1"]);
});
