import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, test } from "node:test";
import type { ErrorShape } from "../../../shared/base/errors.ts";
import { startProgram } from "../../support/child.ts";
import { userEnv } from "../../support/env.ts";
import { freePort } from "../../support/ports.ts";
import { hostOf, seeProcess } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";
import { assertGone, refused, SessionWorld } from "./world.ts";

const world = await SessionWorld.open({ after });
const daemon = await world.daemon();

/** Ignores SIGTERM, with a child of its own in another group that does so, too. */
const stubborn = `
  process.on("SIGTERM", () => {});
  const child = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)';
  require("node:child_process").spawn(process.execPath, ["-e", child], { detached: true, stdio: "ignore" });
  require("node:http").createServer((q, s) => s.end("ours")).listen(process.env.PORT, "127.0.0.1");
`;

test("stopped means gone: no process of the tree lives, and the port can be bound", async (t) => {
  const command = [process.execPath, "-e", stubborn];
  const app = await world.app(t, { command, stopTimeoutMs: 300 });
  await daemon.start(app);
  await waitFor("the child", () => app.living().length === 2);
  const stopped = await daemon.stop(app);
  assert.deepEqual([stopped.outcome, stopped.session, stopped.survivors], ["stopped", "dev_server_web", []]);
  await assertGone(app);
  assert.equal(daemon.record(app)?.state.kind, "stopped");
});

test("the server is asked with its own signal and given its time", async (t) => {
  const polite = `
    process.on("SIGINT", () => setTimeout(() => { require("node:fs").writeFileSync("bye", ""); process.exit(0); }, 100));
    require("node:http").createServer((q, s) => s.end("ours")).listen(process.env.PORT, "127.0.0.1");
  `;
  const app = await world.app(t, {
    command: [process.execPath, "-e", polite],
    stopSignal: "SIGINT",
    stopTimeoutMs: 20_000,
  });
  await daemon.start(app);
  assert.equal((await daemon.stop(app)).outcome, "stopped");
  assert.equal(app.read("bye"), "", "it had the time to say so");
});

test("what doesn't run, or never did, is not_running", async (t) => {
  const app = await world.app(t);
  assert.equal((await daemon.stop(app)).outcome, "not_running");
  await daemon.start(app);
  assert.equal((await daemon.stop(app)).outcome, "stopped");
  assert.equal((await daemon.stop(app)).outcome, "not_running");
});

test("of several stops at once all say the truth", async (t) => {
  const app = await world.app(t);
  await daemon.start(app);
  const outcomes = (await Promise.all([1, 2, 3, 4, 5].map(() => daemon.stop(app)))).map(
    ({ outcome }) => outcome,
  );
  assert.deepEqual(outcomes.sort(), [...Array(4).fill("not_running"), "stopped"]);
  await assertGone(app);
});

test("a stop ends a start that is under way: its caller is told, and nothing is left", async (t) => {
  const app = await world.app(t, { env: { GATE: "never" } });
  const starting = refused(daemon.start(app), "CANCELLED");
  await app.launched();
  await daemon.stop(app);
  await starting;
  await assertGone(app);
  assert.equal(daemon.record(app)?.state.kind, "stopped");
});

test("after a stop a start brings up another server, with a higher fence", async (t) => {
  const app = await world.app(t);
  const first = await daemon.start(app);
  await daemon.stop(app);
  const second = await daemon.start(app);
  assert.deepEqual([second.outcome, app.spawned()], ["started", [first.pid, second.pid]]);
  assert.ok(second.fence > first.fence);
});

test("a check that throws leaves the server as it is, before the lock is had and under it", async (t) => {
  const app = await world.app(t);
  const { pid } = await daemon.start(app);
  for (const nth of [1, 2]) {
    let asked = 0;
    const check = async () => {
      if (++asked === nth) throw new Error(`held by another (${nth})`);
    };
    await assert.rejects(daemon.stop(app, { check }), new RegExp(`held by another \\(${nth}\\)`));
  }
  assert.deepEqual([daemon.record(app)?.state.kind, await app.answer()], ["ready", "ours"]);
  assert.equal((await daemon.start(app)).pid, pid);
});

test("a stop for a failure leaves a failed session that says why, with the last lines", async (t) => {
  const app = await world.app(t);
  await daemon.start(app);
  const failure: ErrorShape = { code: "LIMIT_EXCEEDED", message: "It grew.", remedy: "Shrink it." };
  await daemon.stop(app, { failure, reason: "it grew too much" });
  const { error } = await daemon.until(app, "failed");
  assert.deepEqual([error.code, error.message], ["LIMIT_EXCEEDED", "It grew."]);
  assert.match(error.logTail.join("\n"), /Listening on http:\/\/localhost:/);
  await assertGone(app);
});

test("a stranger that took the port meanwhile is named; ours is gone all the same", async (t) => {
  const app = await world.app(t);
  await daemon.start(app);
  const server = createServer().listen({ port: app.port, host: "::1", ipv6Only: true });
  await once(server, "listening");
  t.after(() => server.close());
  const { message } = await refused(daemon.stop(app), "STOP_INCOMPLETE");
  assert.match(message, new RegExp(`is stopped with all its processes.*pid ${process.pid}`));
  assert.deepEqual([app.living(), daemon.record(app)?.state.kind], [[], "stopped"]);
});

/** Asks a daemon of the user's, as pm2's is, to run the server, which starts it again whenever it ends. */
const manager = `
  const { createServer } = require("node:net"), { spawn } = require("node:child_process");
  createServer((socket) => socket.on("data", (text) => {
    const { args, env } = JSON.parse(text);
    const run = () => spawn(process.execPath, args, { env, stdio: "ignore" }).on("exit", () => setTimeout(run, 1_000));
    run();
  })).listen(process.argv[1], () => console.log("managing"));
`;
const asking = `
  const { createConnection } = require("node:net");
  const server = 'require("node:http").createServer((q, s) => s.end("ours")).listen(process.env.PORT, "127.0.0.1")';
  createConnection(process.argv[1]).write(JSON.stringify({ args: ["-e", server], env: process.env }));
`;

test("what a process manager of the user's own starts again after the stop is named, with its manager", async (t) => {
  const port = await freePort();
  const app = await world.app(t, { command: [process.execPath, "-e", asking, String(port)] });
  const managing = await startProgram(process.execPath, ["-e", manager, String(port)], { env: userEnv() });
  t.after(() => void managing.process.kill("SIGKILL"));
  await managing.printed(/managing/);
  await daemon.start(app);
  const { message, data } = await refused(daemon.stop(app), "STOP_INCOMPLETE");
  assert.match(message, new RegExp(`came back: [^]*\\(pid ${managing.pid}\\), which Devlatch didn't start`));
  assert.partialDeepStrictEqual(data, { survivors: [], keepers: [{ pid: managing.pid }] });
  assert.equal(daemon.record(app)?.state.kind, "stopped");
  managing.process.kill("SIGKILL");
});

test("a host that is paused keeps neither its server nor itself from being ended", async (t) => {
  const app = await world.app(t);
  const { pid } = await daemon.start(app);
  const host = hostOf(pid ?? 0) ?? assert.fail("it has a host");
  process.kill(host, "SIGSTOP");
  t.after(() => seeProcess(host) && process.kill(host, "SIGKILL"));
  assert.equal((await daemon.stop(app)).outcome, "stopped");
  await assertGone(app);
  assert.equal(seeProcess(host), undefined);
});
