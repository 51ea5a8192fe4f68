import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { freePort, listenersOn } from "../../../daemon/sessions/ports.ts";
import type { ProcessIdentity } from "../../../shared/model/process.ts";
import { type Running, startProgram } from "../../support/child.ts";
import { userEnv } from "../../support/env.ts";
import { repository } from "../../support/paths.ts";
import * as ports from "../../support/ports.ts";
import { seeProcess } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";
import { assertGone, processes, refused, SessionWorld } from "./world.ts";

const world = await SessionWorld.open({ after });
const daemon = await world.daemon();
const never = new AbortController().signal;

/** A stranger's server on a port, in a process of its own. */
async function stranger(
  t: TestContext,
  port: number,
): Promise<{ running: Running; identity: ProcessIdentity }> {
  const file = join(repository, "test/fixtures/processes/server.mjs");
  const args = [file, "stranger", "127.0.0.1", String(port)];
  const running = await startProgram(process.execPath, args, { env: userEnv() });
  t.after(() => void running.process.kill("SIGKILL"));
  await running.printed(/\d+/);
  const identity = (await processes.identify(running.pid)) ?? assert.fail("it runs");
  return { running, identity };
}

test("who holds the wished port is named, nothing is started, and the holder isn't touched", async (t) => {
  const app = await world.app(t);
  const { release } = await ports.occupyPort(app.port);
  t.after(release);
  const { message, data } = await refused(daemon.start(app), "PORT_CONFLICT");
  assert.match(message, new RegExp(`Port ${app.port}, which web wants, is used by .*pid ${process.pid}`));
  assert.partialDeepStrictEqual(data, { port: app.port, listeners: [{ pid: process.pid }] });
  assert.deepEqual([app.spawned(), daemon.record(app)], [[], undefined], "not even a record");
  assert.equal((data as { next?: number }).next, undefined, "a caller that can't ask is offered none");
  const asked = await refused(daemon.start(app, { onConflict: "ask" }), "PORT_CONFLICT");
  const { next = 0 } = asked.data as { next?: number };
  assert.ok(next > app.port && (await ports.isPortFree(next)));
  const fixed = app.planned({ portFixed: "its command sets it" });
  const { data: of } = await refused(daemon.start(fixed, { onConflict: "ask" }), "PORT_CONFLICT");
  assert.equal((of as { next?: number }).next, undefined, "it can have no other");
});

test("a holder on ::1 alone is a conflict, too", async (t) => {
  const app = await world.app(t);
  const server = createServer().listen({ port: app.port, host: "::1", ipv6Only: true });
  await once(server, "listening");
  t.after(() => server.close());
  await refused(daemon.start(app), "PORT_CONFLICT");
});

test("where the next port is wished for, the server gets it, and the record knows both", async (t) => {
  const app = await world.app(t);
  const { release } = await ports.occupyPort(app.port);
  t.after(release);
  const { outcome, port, url } = await daemon.start(app, { onConflict: "next" });
  assert.ok(port !== null && port > app.port);
  assert.deepEqual([outcome, url], ["started", `http://localhost:${port}`]);
  assert.equal(await app.answer("/", port), "ours");
  const { settings } = daemon.record(app) ?? assert.fail("it runs");
  assert.deepEqual([settings.port, settings.wish?.port, settings.told], [port, app.port, true]);
  assert.equal((await daemon.start(app)).outcome, "reused", "a later caller asks for the same");
  const { displaced } = await daemon.until(app, "ready");
  assert.deepEqual(displaced?.port, app.port);
  assert.match(displaced?.by ?? "", /^node /, "the program's directory is left out");
  await release();
  await daemon.until(app, "ready", (state) => state.displaced === undefined);
  await daemon.stop(app);
  await assertGone(app, port);
});

test("a port held by another session of ours is named with that session", async (t) => {
  const one = await world.app(t);
  await daemon.start(one);
  const two = (await world.app(t, { app: "api" })).planned({ port: one.port });
  const { data, message } = await refused(daemon.start(two), "PORT_CONFLICT");
  const { root } = daemon.record(one) ?? assert.fail("it runs");
  assert.partialDeepStrictEqual(data, { listeners: [{ server: { app: "web", root } }] });
  assert.match(message, /\(web of \S+\)/);
  const [listener] = await listenersOn(processes, one.port, daemon.sessions.trees());
  assert.equal(listener?.session, "dev_server_web");
});

test("with consent to that very process the holder is ended, and the server gets the port", async (t) => {
  const app = await world.app(t);
  const { running, identity } = await stranger(t, app.port);
  const started = await daemon.start(app, { consent: [identity] });
  assert.deepEqual([started.outcome, started.port], ["started", app.port]);
  assert.equal(seeProcess(running.pid), undefined);
});

test("consent to another process, or to one with the same pid from before, ends none", async (t) => {
  const app = await world.app(t);
  const { running, identity } = await stranger(t, app.port);
  const self = (await processes.identify(process.pid)) ?? assert.fail("this process lives");
  for (const consent of [[self], [{ ...identity, startTime: "earlier" }]]) {
    const { message } = await refused(daemon.start(app, { consent }), "CONSENT_REQUIRED");
    assert.match(message, new RegExp(`pid ${running.pid}`));
  }
  assert.ok(seeProcess(running.pid));
  assert.deepEqual(app.spawned(), []);
});

test("freeing a port ends all that were consented to, and says which", async (t) => {
  const port = await ports.freePort();
  const { identity, running } = await stranger(t, port);
  const freed = await freePort(processes, port, [identity], never);
  assert.deepEqual(
    freed.map(({ pid, startTime }) => ({ pid, startTime })),
    [identity],
  );
  assert.match(freed[0]?.command ?? "", /server\.mjs stranger/);
  assert.equal(seeProcess(running.pid), undefined);
  assert.ok(await ports.isPortFree(port));
});

test("freeing a port that has one listener without consent ends none of them", async (t) => {
  const port = await ports.freePort();
  const { identity, running } = await stranger(t, port);
  const server = createServer().listen({ port, host: "::1", ipv6Only: true });
  await once(server, "listening");
  t.after(() => server.close());
  const { data } = await refused(freePort(processes, port, [identity], never), "CONSENT_REQUIRED");
  assert.partialDeepStrictEqual(data, { listeners: [{ pid: process.pid }] });
  assert.ok(seeProcess(running.pid));
});

test("freeing a free port is no work", async () => {
  assert.deepEqual(await freePort(processes, await ports.freePort(), [], never), []);
});

test("a stubborn holder that was consented to is killed", async (t) => {
  const port = await ports.freePort();
  const serve = `process.on("SIGTERM", () => {}); require("node:net").createServer().listen(${port}, "127.0.0.1", () => console.log("up"))`;
  const running = await startProgram(process.execPath, ["-e", serve], { env: userEnv() });
  t.after(() => void running.process.kill("SIGKILL"));
  await running.printed(/up/);
  const identity = (await processes.identify(running.pid)) ?? assert.fail("it runs");
  await freePort(processes, port, [identity], never);
  assert.equal(seeProcess(running.pid), undefined);
});

test("the port of a container is never freed by ending its proxy, whatever was consented to", async (t) => {
  const port = await ports.freePort();
  const fixture = join(repository, "test/fixtures/processes/docker-proxy.sh");
  const proxy = await startProgram(fixture, ["proxy", "127.0.0.1", `${port}`], { env: userEnv() });
  t.after(() => void proxy.process.kill("SIGKILL"));
  await proxy.printed(/^\d+\n/);
  const [listener] = await waitFor("the proxy", () => processes.listeners(port));
  assert.ok(listener);
  await refused(freePort(processes, port, [listener], never), "PORT_CONFLICT");
  assert.ok(seeProcess(proxy.pid));
});
