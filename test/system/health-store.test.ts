import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { connectTo } from "../support/daemon.ts";
import { createHome } from "../support/home.ts";
import { startRedis } from "../support/redis.ts";
import { waitFor } from "../support/wait.ts";
import { healthOf, othersOf } from "./health-report.ts";

async function onRedis(t: TestContext) {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const home = createHome(t);
  const health = healthOf(home, { DEVLATCH_REDIS_URL: redis.url });
  const before = await health.check();
  assert.deepEqual(
    [before.status, before.components.store.summary.replace(/[\d.]+/, "N")],
    ["healthy", "Redis answers in N ms"],
    JSON.stringify(before),
  );
  return { redis, health };
}

/** Breaks Redis, looks once, mends it, and looks again. */
async function broken(
  t: TestContext,
  breakIt: (redis: Awaited<ReturnType<typeof startRedis>>) => unknown,
  says: RegExp,
  mend: (redis: Awaited<ReturnType<typeof startRedis>>) => unknown,
): Promise<void> {
  const { redis, health } = await onRedis(t);
  await breakIt(redis);
  const found = await health.check();
  const { store } = found.components;
  assert.deepEqual([found.status, store.status], ["critical", "critical"], JSON.stringify(found));
  assert.match(store.summary, says);
  assert.deepEqual(othersOf(found, "store", "concurrency"), {
    database: "healthy",
    resources: "healthy",
    servers: "healthy",
  });
  await mend(redis);
  const after = await health.until("store", "healthy");
  assert.equal((await health.until("concurrency", "healthy")).status, "healthy", JSON.stringify(after));
}

test("Redis stops: the store is critical in one check, and well when Redis is back", (t) =>
  broken(
    t,
    (redis) => redis.kill(),
    /can't be used: it isn't running \(.*ECONNREFUSED.*Start Redis/,
    (redis) => redis.restart(),
  ));

test("Redis is paused: the store is critical in one check, and well when Redis goes on", (t) =>
  broken(
    t,
    (redis) => redis.pause(),
    /can't be used: it doesn't answer: it is paused, hangs or can't be reached/,
    (redis) => redis.resume(),
  ));

test("Redis becomes a replica: the store is critical in one check for it is read-only, and recovers", (t) =>
  broken(
    t,
    (redis) => redis.command("REPLICAOF", "127.0.0.1", "1"),
    /can't be used: it is read-only \(READONLY .*point DEVLATCH_REDIS_URL at the primary/,
    (redis) => redis.command("REPLICAOF", "NO", "ONE"),
  ));

test("Redis is out of memory: the store is critical in one check, with these words, and recovers", (t) =>
  broken(
    t,
    async (redis) => {
      await redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
      await redis.command("CONFIG", "SET", "maxmemory", "1");
    },
    /can't be used: it is out of memory \(OOM .*raise its memory limit/,
    (redis) => redis.command("CONFIG", "SET", "maxmemory", "0"),
  ));

test("Redis lacks the replicas that its settings want: the store is critical, and recovers", (t) =>
  broken(
    t,
    (redis) => redis.command("CONFIG", "SET", "min-replicas-to-write", "1"),
    /can't be used: it takes no writes without enough replicas \(NOREPLICAS/,
    (redis) => redis.command("CONFIG", "SET", "min-replicas-to-write", "0"),
  ));

test("a Redis that reads but doesn't write is looked at now and then, not all the time", async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const home = createHome(t);
  await healthOf(home, { DEVLATCH_REDIS_URL: redis.url }).check();
  const connection = await connectTo(home);
  t.after(() => connection.dispose());
  const heard: { status: string; checkedAt?: number | undefined }[] = [];
  connection.onNotification("state/delta", ({ change }) => {
    if (change.kind === "health") heard.push(change.health.components.store);
  });
  await connection.request("state/subscribe", {});
  await redis.command("REPLICAOF", "127.0.0.1", "1");
  await connection.request("health/check", {});
  /** When it was looked at: one look is told again with each of another component. */
  const looks = () => [
    ...new Set(heard.filter(({ status }) => status === "critical").map((one) => Number(one.checkedAt))),
  ];
  await waitFor("it to be told", () => looks().length > 0);
  // A look at it sets off the next one, without end.
  await waitFor("three looks more", () => looks().length > 3, { timeoutMs: 60_000 });
  const [first, , , last] = looks();
  const tookMs = Number(last) - Number(first);
  assert.ok(tookMs >= 1_900, `three looks more within ${tookMs} ms`);
  await redis.command("REPLICAOF", "NO", "ONE");
  await connection.request("health/check", {});
  await waitFor("its end", () => heard.at(-1)?.status === "healthy");
});
