import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { startProgram } from "../../support/child.ts";
import { userEnv } from "../../support/env.ts";
import { freePort } from "../../support/ports.ts";
import { seeProcess } from "../../support/processes.ts";
import type { TestApp } from "./apps.ts";
import { assertGone, refused, SessionWorld } from "./world.ts";

const world = await SessionWorld.open({ after });
const daemon = await world.daemon();
const never = new AbortController().signal;

/** The app's server, started by hand. @returns its pid, once it listens */
async function byHand(t: TestContext, { cwd, target, port }: TestApp, at = cwd): Promise<number> {
  const [file = "", ...args] = target.plan.command;
  const running = await startProgram(file, args, { cwd: at, env: userEnv({ PORT: String(port) }) });
  t.after(() => void running.process.kill("SIGKILL"));
  await running.printed(/Listening/);
  return running.pid;
}

test("a server of this project that was started by hand is seen, and nothing is started beside it", async (t) => {
  const app = await world.app(t);
  const pid = await byHand(t, app);
  await daemon.sessions.recognise(app.target, never);
  const { hosting, state } = daemon.record(app) ?? {};
  assert.ok(state?.kind === "ready");
  assert.deepEqual(
    [hosting?.kind, state.pid, state.port, state.url],
    ["adopted", pid, app.port, `http://localhost:${app.port}`],
  );
  assert.deepEqual([(await daemon.start(app)).outcome, app.spawned()], ["reused", [pid]]);
});

test("a start adopts it, also where it was asked for other settings: being of this project is what counts", async (t) => {
  const app = await world.app(t);
  const pid = await byHand(t, app);
  const adopted = await daemon.start(app);
  assert.deepEqual([adopted.outcome, adopted.pid, adopted.state], ["adopted", pid, "ready"]);
  const again = await daemon.start(app.planned({ env: { OTHER: "settings" } }));
  assert.deepEqual([again.outcome, again.pid, app.spawned()], ["reused", pid, [pid]]);
});

test("a server in another directory, or of another command, isn't of this project", async (t) => {
  const [app, other] = [await world.app(t), await world.app(t)];
  await byHand(t, app, other.cwd);
  await daemon.sessions.recognise(app.target, never);
  assert.equal(daemon.record(app), undefined);
  await refused(daemon.start(app), "PORT_CONFLICT");
  const third = await world.app(t);
  await byHand(t, third);
  await refused(daemon.start(third.planned({ command: ["node", "other.mjs"] })), "PORT_CONFLICT");
});

test("a server of one of our sessions in the same directory is never adopted by another app", async (t) => {
  const app = await world.app(t);
  await daemon.start(app);
  const api = app.planned({ app: "api" });
  await daemon.sessions.recognise(api.target, never);
  assert.equal(daemon.record(api), undefined);
  await refused(daemon.start(api), "PORT_CONFLICT");
});

test("to stop it takes consent: without, it is named and lives; with it, it is gone", async (t) => {
  const app = await world.app(t);
  const pid = await byHand(t, app);
  await daemon.start(app);
  const { message, data } = await refused(daemon.stop(app), "CONSENT_REQUIRED");
  assert.match(message, new RegExp(`started by hand, not by Devlatch: .*dev-server\\.mjs.*pid ${pid}`));
  assert.partialDeepStrictEqual(data, { process: { pid } });
  assert.deepEqual([await app.answer(), daemon.record(app)?.state.kind], ["ours", "ready"]);
  assert.equal((await daemon.stop(app, { yes: true })).outcome, "stopped");
  assert.equal(seeProcess(pid), undefined);
  await assertGone(app);
  assert.equal(daemon.record(app)?.state.kind, "stopped");
});

test("when it ends by itself its session is stopped, and the next start is a launch", async (t) => {
  const app = await world.app(t);
  await byHand(t, app);
  await daemon.start(app);
  await app.answer("/end?code=0");
  await daemon.until(app, "stopped");
  assert.equal((await daemon.start(app)).outcome, "started");
});

test("a framework's own lock leads to a server that listens elsewhere than wished", async (t) => {
  const app = await world.app(t, { framework: "next" });
  const elsewhere = app.planned({ port: await freePort() });
  await byHand(t, elsewhere);
  app.write(".next/dev/lock", JSON.stringify({ pid: 1, port: elsewhere.port }));
  const adopted = await daemon.start(app);
  assert.deepEqual([adopted.outcome, adopted.port], ["adopted", elsewhere.port]);
});

test("nothing is recognised while the session is being started", async (t) => {
  const app = await world.app(t, { env: { GATE: "never" } });
  const starting = refused(daemon.start(app), "CANCELLED");
  await app.launched();
  await byHand(t, app);
  await daemon.sessions.recognise(app.target, never);
  assert.equal(daemon.record(app)?.hosting?.kind, "hosted");
  await daemon.stop(app);
  await starting;
});
