import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { isRunLive } from "../../../shared/model/run-state.ts";
import { seeProcess } from "../../support/processes.ts";
import { type RedisServer, startRedis } from "../../support/redis.ts";
import { waitFor } from "../../support/wait.ts";
import { RunWorld, untilThere } from "./daemons.ts";

async function redisFor(t: TestContext): Promise<RedisServer> {
  const redis = await startRedis();
  t.after(() => redis.stop());
  return redis;
}

/** A world and its Redis, which outlives the daemons in it. */
async function prepare(t: TestContext) {
  const redis = await redisFor(t);
  return { redis, world: new RunWorld(t) };
}

test("two daemons asked at the same moment execute once, ten times in a row", async (t) => {
  const { redis, world } = await prepare(t);
  const [one, two] = [await world.daemon(redis.url), await world.daemon(redis.url)];
  for (let round = 1; round <= 10; round++) {
    const command = world.command(`${untilThere(`go${round}`)}; exit ${round}`);
    const started = await Promise.all([one, two, one, two].map((daemon) => daemon.start({ command })));
    assert.equal(new Set(started.map(({ run }) => run.launchId)).size, 1);
    assert.equal(started.filter(({ outcome }) => outcome === "executed").length, 1);
    world.open(`go${round}`);
    const ends = await Promise.all(started.map((result, index) => [one, two][index % 2]?.end(result)));
    for (const end of ends) assert.deepEqual(end, { kind: "ended", exitCode: round, cancelled: false });
    assert.equal(world.executions().length, round);
  }
});

test("a daemon that stops leaves its run to another one, which records the end", async (t) => {
  const { redis, world } = await prepare(t);
  const [one, two] = [await world.daemon(redis.url), await world.daemon(redis.url)];
  const command = world.command(`echo first; ${untilThere("go")}; echo last; exit 3`);
  await one.start({ command });
  const attached = await two.start({ command });
  assert.equal(attached.outcome, "attached");
  const lines = two.lines(attached);
  await one.stop();
  await waitFor("the other daemon to hold the lease", async () => {
    const [lease] = await two.locks.list();
    return lease?.key === "run:{box}:build" && lease.waiters === 0;
  });
  world.open("go");
  assert.deepEqual(await lines, ["first", "last"]);
  assert.deepEqual(await two.end(attached), { kind: "ended", exitCode: 3, cancelled: false });
  assert.equal(world.executions().length, 1);
  assert.deepEqual(await two.locks.list(), []);
});

test("a store that is emptied while a run lives neither starts it twice nor loses its result", async (t) => {
  const { redis, world } = await prepare(t);
  const [one, two] = [await world.daemon(redis.url), await world.daemon(redis.url)];
  const command = world.command(`${untilThere("go")}; exit 4`);
  const started = await one.start({ command });
  await redis.command("FLUSHALL");
  const kept = (key: string) => redis.command("EXISTS", `devlatch:${key}`);
  await waitFor("lease and record to be there again", async () => {
    const found = [await kept("{box}:lock:run:{box}:build"), await kept("{records}:values")];
    return found.join() === ":1,:1";
  });
  const attached = await two.start({ command });
  assert.deepEqual([attached.outcome, attached.run.launchId], ["attached", started.run.launchId]);
  world.open("go");
  for (const end of [await one.end(started), await two.end(attached)])
    assert.deepEqual(end, { kind: "ended", exitCode: 4, cancelled: false });
  assert.equal(world.executions().length, 1);
});

test("without the store nothing new is executed, what runs goes on, and its result comes when the store is back", async (t) => {
  const { redis, world } = await prepare(t);
  const daemon = await world.daemon(redis.url);
  const command = world.command(`echo first; ${untilThere("go")}; echo last; exit 5`);
  const started = await daemon.start({ command });
  redis.pause();
  await assert.rejects(daemon.start({ key: "other" }), { code: "STORE_UNAVAILABLE" });
  world.open("go");
  await waitFor("the run to end", () => seeProcess(world.executions()[0] ?? 0) === undefined);
  redis.resume();
  assert.deepEqual(await daemon.lines(started), ["first", "last"]);
  assert.deepEqual(await daemon.end(started), { kind: "ended", exitCode: 5, cancelled: false });
  assert.equal(world.executions().length, 1);
});

test("a caller on another machine gets the result without the output; a machine that died is taken over", async (t) => {
  const { redis, world } = await prepare(t);
  const here = await world.daemon(redis.url);
  const there = await world.daemon(redis.url, "another-machine");
  const command = world.command(`${untilThere("go")}; exit 6`);
  const started = await here.start({ command });
  const attached = await there.start({ command });
  assert.deepEqual([attached.outcome, attached.readable], ["attached", false]);
  await assert.rejects(
    there.runs.stop({ sandboxId: "box", key: "build" }, undefined, AbortSignal.timeout(5_000)),
    {
      code: "HOST_FAILED",
    },
  );
  world.open("go");
  const ends = await Promise.all([here.end(started), there.end(attached)]);
  for (const end of ends) assert.deepEqual(end, { kind: "ended", exitCode: 6, cancelled: false });

  const again = await here.start({ command: world.command(untilThere("go2")) });
  const waiting = await there.start({ command });
  await here.stop();
  const lost = await there.end(waiting);
  assert.equal(lost?.kind === "failed" && lost.error.code, "RUN_LOST");
  const over = await there.start({ command, instead: again.run.launchId });
  assert.equal(over.outcome, "executed");
  assert.equal((await there.end(over))?.kind, "ended");
  const late = await there.start({ command: world.command("exit 1"), instead: again.run.launchId });
  assert.deepEqual(
    [late.outcome, late.run.launchId],
    ["attached", over.run.launchId],
    "one takeover is enough",
  );
});

test("callers of two daemons that wait for the same lease share even an execution that is over at once", async (t) => {
  const { redis, world } = await prepare(t);
  const [one, two] = [await world.daemon(redis.url), await world.daemon(redis.url)];
  for (let round = 1; round <= 5; round++) {
    const held = Promise.withResolvers<void>();
    const got = Promise.withResolvers<void>();
    const options = { ttlMs: 60_000, waitMs: 30_000, owner: "a stranger" };
    const holding = one.locks.withLock("run:{box}:build", options, () => {
      got.resolve();
      return held.promise;
    });
    await got.promise;
    const starting = [one.start({}), two.start({})];
    await waitFor("both to queue", async () => (await one.locks.list())[0]?.waiters === 2);
    held.resolve();
    await holding;
    const [first, second] = await Promise.all(starting);
    assert.ok(first && second);
    assert.deepEqual([first.outcome, second.outcome].sort(), ["attached", "executed"]);
    await Promise.all([one.end(first), two.end(second)]);
    assert.equal(world.executions().length, round);
  }
});

test("who hears of the end finds the lease released", async (t) => {
  const { redis, world } = await prepare(t);
  const daemon = await world.daemon(redis.url);
  for (let round = 0; round < 3; round++) {
    await daemon.end(await daemon.start({}));
    assert.equal(daemon.runs.busy, false);
    assert.deepEqual(await daemon.locks.list(), []);
  }
});

test("a call that is sent again joins what it began, also when that is over", async (t) => {
  const { redis, world } = await prepare(t);
  const daemon = await world.daemon(redis.url);
  const first = await daemon.start({ callId: "mine", command: world.command("exit 2") });
  await daemon.end(first);
  const second = await daemon.start({ callId: "mine", command: world.command("exit 2") });
  assert.deepEqual([second.outcome, second.run.launchId], ["executed", first.run.launchId]);
  assert.equal(world.executions().length, 1);
});

test("a caller that leaves before the lease is had leaves nothing behind", async (t) => {
  const { redis, world } = await prepare(t);
  const daemon = await world.daemon(redis.url);
  const held = Promise.withResolvers<void>();
  const options = { ttlMs: 60_000, waitMs: 0, owner: "a stranger" };
  const holding = daemon.locks.withLock("run:{box}:build", options, () => held.promise);
  const leaving = new AbortController();
  const request = {
    sandboxId: "box",
    key: "build",
    root: world.directory,
    cwd: world.directory,
    command: world.command("true"),
    inputs: {},
    callerEnvironment: {},
    callId: "leaving",
  };
  const starting = daemon.runs.start(request, leaving.signal, () => {});
  await waitFor("it to queue", async () => (await daemon.locks.list())[0]?.waiters === 1);
  leaving.abort(new Error("changed my mind"));
  await assert.rejects(starting, /changed my mind/);
  held.resolve();
  await holding;
  await waitFor("nothing to be held or wanted", async () => (await daemon.locks.list()).length === 0);
  assert.equal(world.executions().length, 0);
  assert.equal(daemon.runs.busy, false);
  assert.deepEqual(
    daemon.runs.list().filter(({ state }) => isRunLive(state)),
    [],
  );
});
