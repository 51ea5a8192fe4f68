import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { leftoversOf } from "../../../daemon/hosts/hosts.ts";
import type { Processes } from "../../../daemon/processes/processes.ts";
import { inState } from "../../../daemon/sessions/records.ts";
import { freePort } from "../../support/ports.ts";
import { hostOf, isAlive, seeProcess } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";
import { recordKeyOf } from "./apps.ts";
import { assertGone, patience, processes, refused, type SessionDaemon, SessionWorld } from "./world.ts";

/** Listens when told to: until then its start is under way. */
const gated = { env: { GATE: "go" } };

/** Another machine sees no sockets of this one. */
const unseen = new Proxy(processes, {
  get: (target, name: keyof Processes) => {
    if (name === "listeners") return async () => [];
    if (name === "listenersMark") return async () => "";
    return target[name].bind(target);
  },
});

/** A world with one daemon in it. */
async function prepare(t: TestContext): Promise<{ world: SessionWorld; one: SessionDaemon }> {
  const world = await SessionWorld.open(t);
  return { world, one: await world.daemon() };
}

test("callers of two daemons on one store get one server", async (t) => {
  const { world, one } = await prepare(t);
  const two = await world.daemon();
  const app = await world.app(t);
  const results = await Promise.all([one, two, one, two, one, two].map((daemon) => daemon.start(app)));
  assert.equal(results.filter(({ outcome }) => outcome === "started").length, 1);
  assert.equal(new Set(results.map(({ pid, url }) => `${pid} ${url}`)).size, 1);
  assert.equal(app.spawned().length, 1);
  assert.equal((await two.stop(app)).outcome, "stopped");
  assert.equal((await one.stop(app)).outcome, "not_running");
  await assertGone(app);
});

test("a daemon on another machine gives the URL of what runs here, and starts nothing", async (t) => {
  const { world, one } = await prepare(t);
  const there = await world.daemon({ machineId: "another-machine", processes: unseen });
  const app = await world.app(t);
  const started = await one.start(app);
  const found = await there.start(app);
  assert.deepEqual([found.outcome, found.url, app.spawned()], ["reused", started.url, [started.pid]]);
  assert.deepEqual([one.sessions.busy, there.sessions.busy], [true, false]);
  assert.deepEqual([one.sessions.trees().length, there.sessions.trees().length], [1, 0]);
});

test("a stop from another machine ends nothing and says so; the server of a machine that is gone can be forgotten", async (t) => {
  const { world, one } = await prepare(t);
  const there = await world.daemon({ machineId: "another-machine", processes: unseen });
  const app = await world.app(t);
  const { pid } = await one.start(app);
  const { message } = await refused(there.stop(app), "STOP_INCOMPLETE");
  assert.match(message, /belongs to another machine/);
  assert.deepEqual([there.record(app)?.state.kind, app.living().map((one) => one.pid)], ["ready", [pid]]);
  assert.equal((await there.stop(app, { yes: true })).outcome, "stopped");
  assert.equal(app.living().length, 1);
  await one.stop(app);
  await assertGone(app);
});

test("the next daemon finds what runs, and goes on watching it", async (t) => {
  const { world, one } = await prepare(t);
  const app = await world.app(t);
  const { pid } = await one.start(app);
  await one.leave();
  const two = await world.daemon();
  const found = await two.start(app);
  assert.deepEqual([found.outcome, found.pid, app.spawned()], ["reused", pid, [pid]]);
  await app.answer("/end?code=4");
  assert.equal((await two.until(app, "failed")).exit?.code, 4);
});

test("a start that was under way when its daemon left is brought to its end by the next one", async (t) => {
  const { world, one } = await prepare(t);
  const app = await world.app(t, gated);
  const starting = refused(one.start(app), "CANCELLED");
  await app.launched();
  await one.leave();
  await starting;
  assert.equal(app.living().length, 1, "a daemon that leaves ends no server");
  const two = await world.daemon();
  const joining = two.start(app);
  app.put("go");
  const joined = await joining;
  assert.deepEqual([joined.outcome, joined.state, app.spawned()], ["reused", "ready", [joined.pid]]);
});

test("without a caller, too; and a stop ends it", async (t) => {
  const { world, one } = await prepare(t);
  const [ready, stopped] = [await world.app(t, gated), await world.app(t, gated)];
  const starting = [ready, stopped].map((app) => refused(one.start(app), "CANCELLED"));
  for (const app of [ready, stopped]) await app.launched();
  await one.leave();
  await Promise.all(starting);
  const two = await world.daemon();
  ready.put("go");
  await two.until(ready, "ready");
  assert.equal(await ready.answer(), "ours");
  await two.stop(stopped);
  await assertGone(stopped);
  assert.equal(two.record(stopped)?.state.kind, "stopped");
});

test("a server that ended while no daemon was there isn't taken for a running one", async (t) => {
  const { world, one } = await prepare(t);
  const app = await world.app(t);
  await one.start(app);
  await one.leave();
  await app.answer("/end?code=3");
  await waitFor("it to end", () => app.living().length === 0);
  const two = await world.daemon();
  const { error, exit } = await two.until(app, "failed");
  assert.deepEqual([error.code, exit?.code], ["NOT_RUNNING", 3]);
  assert.equal((await two.start(app)).outcome, "started");
});

test("what a daemon had begun to stop is stopped by the next one", async (t) => {
  const { world, one } = await prepare(t);
  const app = await world.app(t);
  await one.start(app);
  const record = one.record(app) ?? assert.fail("there is a record");
  // As a daemon leaves it that is killed between its word and its deed.
  await one.sessions.registry.write(inState(record, { kind: "stopping", since: Date.now() }));
  await one.leave();
  const two = await world.daemon();
  await two.until(app, "stopped");
  await assertGone(app);
});

test("an intent that no host followed is no server; a host that no record tells of is ended by the next start", async (t) => {
  const { world, one } = await prepare(t);
  const app = await world.app(t);
  const { pid } = await one.start(app);
  const record = one.record(app);
  assert.ok(record?.hosting?.kind === "hosted");
  await one.leave();
  // The store lost the launch, and has an intent that came to nothing.
  const other = { ...record, hosting: { ...record.hosting, launchId: "0123456789abcdef" } } as const;
  const { value, version } = (await world.store.records.get(recordKeyOf(app))) ?? {};
  assert.ok(value && version);
  const intent = inState(other, { kind: "starting", since: Date.now(), phase: "launching" });
  await world.store.records.put(recordKeyOf(app), intent, version);
  const two = await world.daemon();
  assert.equal((await two.until(app, "failed")).error.code, "HOST_FAILED");
  assert.ok(seeProcess(pid ?? 0), "the server runs, and isn't known");
  // On another port, for on its own it would be adopted as one that was started by hand.
  const started = await two.start(app.planned({ port: await freePort() }));
  assert.deepEqual([started.outcome, app.living().map((seen) => seen.pid)], ["started", [started.pid]]);
});

test("a daemon whose lock was taken gives way: it leaves the server alone and joins what the other one does", async (t) => {
  const { world, one } = await prepare(t);
  const two = await world.daemon();
  const app = await world.app(t, gated);
  const lost = new Promise((resolve) =>
    one.locks.onEvent((event) => event.kind === "lost" && resolve(event)),
  );
  const first = one.start(app);
  await app.launched();
  const [lock] = await one.locks.list();
  assert.ok(lock);
  await two.locks.break(lock.key, lock.fence);
  const second = two.start(app);
  await lost;
  app.put("go");
  const results = await Promise.all([first, second]);
  assert.equal(new Set(results.map(({ pid, url }) => `${pid} ${url}`)).size, 1);
  assert.deepEqual(app.spawned(), [results[0].pid]);
  assert.equal(two.record(app)?.state.kind, "ready");
});

test("what is left of a launch that is over is ended; a launch that serves is left alone", async (t) => {
  const { world, one } = await prepare(t);
  const deaf = `process.on("SIGHUP", () => {}); process.on("SIGTERM", () => {});
    require("node:http").createServer((q, s) => s.end("ours")).listen(process.env.PORT, "127.0.0.1");`;
  const app = await world.app(t, { command: [process.execPath, "-e", deaf], stopTimeoutMs: 200 });
  const { pid } = await one.start(app);
  const record = one.record(app);
  assert.ok(record?.hosting?.kind === "hosted");
  const { task } = leftoversOf(record, record.hosting);
  assert.ok(task.kind === "end-launch");
  const { signal } = patience();
  await one.sessions.endLaunch(task, signal);
  assert.equal(await app.answer(), "ours");
  await one.leave();
  const server = seeProcess(pid ?? 0) ?? assert.fail("the server runs");
  const host = hostOf(server.pid) ?? assert.fail("it has a host");
  process.kill(host, "SIGKILL");
  await waitFor("the host to be gone", () => seeProcess(host) === undefined);
  assert.ok(isAlive(server));
  // A daemon that has no record of it any more, only the note that something is left.
  const two = world.idleDaemon();
  await two.sessions.endLaunch(task, signal);
  await assertGone(app);
});

test("a launch whose stop was begun is ended as a stop", async (t) => {
  const { world, one } = await prepare(t);
  const app = await world.app(t);
  await one.start(app);
  const record = one.record(app);
  assert.ok(record?.hosting?.kind === "hosted");
  await one.sessions.registry.write(inState(record, { kind: "stopping", since: Date.now() }));
  const { task } = leftoversOf(record, record.hosting);
  assert.ok(task.kind === "end-launch");
  await one.sessions.endLaunch(task, patience().signal);
  assert.equal(one.record(app)?.state.kind, "stopped");
  await assertGone(app);
});
