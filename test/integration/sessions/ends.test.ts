import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { freePort } from "../../support/ports.ts";
import { hostOf } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";
import { keyOf, recordKeyOf, type TestApp } from "./apps.ts";
import { assertGone, refused, type SessionDaemon, SessionWorld } from "./world.ts";

const world = await SessionWorld.open({ after });
const daemon = await world.daemon();

/** Starts the app when a restart is due, as a daemon does. */
function restarting(t: TestContext, { sessions, start }: SessionDaemon, app: TestApp): void {
  const subscription = sessions.restarts.onDue(async (due) => {
    if (due.record.sandboxId !== app.target.sandboxId) return;
    const { attempt, why, environment } = due;
    try {
      await start(app, { restart: { attempt, why }, callerEnvironment: environment });
    } catch (error) {
      await sessions.restarts.failed(due, error);
    }
  });
  t.after(() => subscription.dispose());
}

test("a server that ends with code 0 is stopped, one that ends otherwise has failed, and both say how", async (t) => {
  const [well, badly] = [await world.app(t), await world.app(t)];
  await Promise.all([daemon.start(well), daemon.start(badly)]);
  await Promise.all([well.answer("/end?code=0"), badly.answer("/end?code=3")]);
  assert.deepEqual((await daemon.until(well, "stopped")).exit, { code: 0, signal: null });
  const { error, exit } = await daemon.until(badly, "failed");
  assert.deepEqual([error.code, exit], ["NOT_RUNNING", { code: 3, signal: null }]);
  assert.match(error.message, /web exited with code 3/);
  assert.match(error.logTail.join("\n"), /Listening on/);
  for (const app of [well, badly]) await assertGone(app);
});

test("a server that is killed has failed by that signal", async (t) => {
  const app = await world.app(t);
  const { pid } = await daemon.start(app);
  process.kill(pid ?? 0, "SIGKILL");
  const { error, exit } = await daemon.until(app, "failed");
  assert.match(error.message, /was ended by SIGKILL/);
  assert.deepEqual(exit, { code: null, signal: "SIGKILL" });
});

test("when the host is killed its server is ended with it, and the session says so", async (t) => {
  const deaf = `process.on("SIGHUP", () => {}); require("node:http").createServer((q, s) => s.end("ours")).listen(process.env.PORT, "127.0.0.1");`;
  const app = await world.app(t, { command: [process.execPath, "-e", deaf] });
  const { pid } = await daemon.start(app);
  process.kill(hostOf(pid ?? 0) ?? assert.fail("it has a host"), "SIGKILL");
  const { error } = await daemon.until(app, "failed");
  assert.equal(error.code, "HOST_FAILED");
  await assertGone(app);
  assert.equal((await daemon.start(app)).outcome, "started");
});

test("when the host is killed in the middle of a start, those who wait for it hear that, and not of a deadline", async (t) => {
  const app = await world.app(t, { env: { GATE: "never" } });
  const starting = refused(daemon.start(app, { timeoutMs: 30_000 }), "HOST_FAILED");
  const [pid = 0] = await waitFor("the server's process", () =>
    app.spawned().length > 0 ? app.spawned() : undefined,
  );
  process.kill(hostOf(pid) ?? assert.fail("it has a host"), "SIGKILL");
  assert.match((await starting).message, /host/);
  await assertGone(app);
});

test("a server that moves to another port is shown, reused and stopped there", async (t) => {
  const [app, other] = [await world.app(t), await freePort()];
  const { pid } = await daemon.start(app);
  await app.answer(`/move?port=${other}`);
  const moved = await daemon.until(app, "ready", ({ port }) => port === other);
  assert.deepEqual([moved.pid, moved.url], [pid, `http://localhost:${other}`]);
  const again = await daemon.start(app);
  assert.deepEqual([again.outcome, again.port], ["reused", other]);
  await daemon.stop(app);
  await assertGone(app, other);
});

test("a listener that is another process on the same port is shown with that process", async (t) => {
  const respawning = `
    const { spawn } = require("node:child_process");
    const serve = 'require("node:http").createServer((q, s) => { s.end("ours"); if (q.url === "/again") process.exit(); }).listen(process.env.PORT, "127.0.0.1")';
    const begin = () => spawn(process.execPath, ["-e", serve], { stdio: "inherit" }).on("exit", begin);
    begin();`;
  const app = await world.app(t, { command: [process.execPath, "-e", respawning] });
  const { pid } = await daemon.start(app);
  await app.answer("/again");
  const state = await daemon.until(app, "ready", (found) => found.pid !== pid);
  assert.equal(state.port, app.port);
});

test("a record that the store lost while its server runs is brought back", async (t) => {
  const app = await world.app(t);
  const { pid } = await daemon.start(app);
  const key = recordKeyOf(app);
  const { version } = (await world.store.records.get(key)) ?? assert.fail("there is a record");
  await waitFor("the host to be watched", () => !daemon.sessions.isSettling(keyOf(app)));
  await world.store.records.delete(key, version);
  const back = await waitFor("the record", () => world.store.records.get(key));
  assert.partialDeepStrictEqual(back.value, { state: { kind: "ready", pid } });
  await waitFor("the daemon to have it", () => daemon.record(app));
  assert.equal((await daemon.start(app)).outcome, "reused");
});

test("the record of a server that was stopped isn't brought back", async (t) => {
  const app = await world.app(t);
  await daemon.start(app);
  await daemon.stop(app);
  await daemon.sessions.registry.remove(keyOf(app));
  const [another] = [await world.app(t)];
  await daemon.start(another);
  assert.equal(await world.store.records.get(recordKeyOf(app)), undefined);
});

test("a server that falls is started again after a while, with the environment it had", async (t) => {
  const app = await world.app(t, { restart: "on-failure" });
  restarting(t, daemon, app);
  await daemon.start(app);
  const before = Date.now();
  await app.answer("/end?code=3");
  const waiting = await daemon.until(app, "restarting");
  assert.deepEqual([waiting.attempt, waiting.exit?.code], [1, 3]);
  assert.ok(waiting.at - before >= 750, "the back-off");
  const ready = await daemon.until(app, "ready");
  assert.deepEqual(app.spawned().slice(1), [ready.pid]);
  assert.equal(app.living().length, 1, "its processes carry the first caller's environment");
  assert.equal(daemon.record(app)?.restarts, 1);
});

test("a restart that fails counts: the next one follows later; a stop meanwhile, and there is none", async (t) => {
  const app = await world.app(t, { restart: "on-failure" });
  restarting(t, daemon, app);
  await daemon.start(app);
  app.put("broken");
  await app.answer("/end?code=3");
  const second = await daemon.until(app, "restarting", ({ attempt }) => attempt === 2);
  assert.equal(second.error.code, "EXITED_EARLY");
  assert.deepEqual(second.error.logTail.slice(-1), ["it is broken"]);
  const launches = app.spawned().length;
  assert.equal((await daemon.stop(app)).outcome, "stopped");
  await waitFor("the time of the restart to be over", () => Date.now() > second.at + 200);
  assert.deepEqual([app.spawned().length, daemon.record(app)?.state.kind], [launches, "stopped"]);
});

test("a server that fell too often in a row is left alone, with the reason", async (t) => {
  const app = await world.app(t, { restart: "on-failure" });
  restarting(t, daemon, app);
  await daemon.start(app);
  await daemon.sessions.registry.update(keyOf(app), (record) => ({
    ...record,
    restarts: 5,
  }));
  await app.answer("/end?code=3");
  const { error } = await daemon.until(app, "failed");
  assert.equal(error.code, "CRASH_LOOP");
  assert.match(error.message, /ended 6 times in a row.*exited with code 3/);
});

test("a back-off outlives its daemon: the next one starts the server, with what its host remembers", async (t) => {
  const own = await SessionWorld.open(t);
  const one = await own.daemon();
  const app = await own.app(t, { restart: "on-failure" });
  await one.start(app);
  await one.leave();
  const two = await own.daemon();
  restarting(t, two, app);
  await waitFor("the host to be asked", () => !two.sessions.isSettling(keyOf(app)));
  await app.answer("/end?code=3");
  await two.until(app, "ready", ({ pid }) => pid === app.spawned()[1]);
});

test("a back-off whose environment is gone with its daemon and its host ends in words", async (t) => {
  const own = await SessionWorld.open(t);
  const one = await own.daemon();
  const app = await own.app(t, { restart: "on-failure" });
  await one.start(app);
  await app.answer("/end?code=3");
  await one.until(app, "restarting");
  await one.leave();
  const two = await own.daemon();
  const { error } = await two.until(app, "failed");
  assert.match(error.message, /exited with code 3.*environment web was started with went with its daemon/);
  assert.equal(app.spawned().length, 1);
});
