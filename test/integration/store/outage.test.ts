import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { LockService } from "../../../daemon/locks/lock-service.ts";
import { openOutageStore } from "../../../daemon/store/outage/store.ts";
import { openRedisStore } from "../../../daemon/store/redis/store.ts";
import { openSqliteStore } from "../../../daemon/store/sqlite/store.ts";
import type { Store } from "../../../daemon/store/store.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import { silentLog } from "../../support/log.ts";
import { type RedisServer, startRedis } from "../../support/redis.ts";
import { patienceMs, waitFor } from "../../support/wait.ts";
import { hold } from "../locks/daemons.ts";

const own = "dev_server_start:{sb_0123456789abcdef}:web";
const shared = "dev_server_start:{team-box}:web";
const ownRecord = "session/sb_0123456789abcdef/web";
const terms = { ttlMs: 5_000, waitMs: patienceMs, owner: "tester" };

async function server(t: TestContext): Promise<RedisServer> {
  const redis = await startRedis();
  t.after(() => redis.stop());
  return redis;
}

/** A daemon's store on this Redis, with what it does alone. */
async function openStore(t: TestContext, redis: RedisServer, rival?: string) {
  const directory = await mkdtemp(join(tmpdir(), "devlatch-outage-"));
  const store = await openOutageStore({
    shared: await openRedisStore({ url: redis.url, clientName: "tester", commandTimeoutMs: 500 }),
    local: await openSqliteStore({ file: join(directory, "outage.db") }),
    ...{ origin: redis.url, log: silentLog, rivalAmong: async () => rival },
  });
  const service = new LockService(store.locks);
  t.after(async () => {
    await service.close();
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  return { store, service };
}

const healthy = (store: Store, value: boolean) =>
  waitFor(value ? "Redis to be back" : "the outage", () => store.healthy === value);

/** Lets more than a life of the locks pass. */
async function oneLife(): Promise<void> {
  const begun = performance.now();
  await waitFor("more than a life", () => performance.now() - begun > 1.5 * terms.ttlMs);
}

for (const [how, leave, comeBack] of [
  ["with its data", (redis: RedisServer) => redis.pause(), (redis: RedisServer) => redis.resume()],
  ["empty", (redis: RedisServer) => redis.kill(), (redis: RedisServer) => redis.restart()],
] as const) {
  test(`a lock held when Redis goes away is held all the time, and still when Redis comes back ${how}`, async (t) => {
    const redis = await server(t);
    const [one, two] = [await openStore(t, redis), await openStore(t, redis, "somebody")];
    const held = await hold(one, own, terms);
    const waiting = one.service.withLock(own, terms, async ({ fence }) => fence);
    await waitFor("the waiter to be queued", async () => (await one.service.list())[0]?.waiters === 1);

    await leave(redis);
    await healthy(one.store, false);
    await oneLife();
    assert.equal(held.signal.aborted, false, String(held.signal.reason));
    await comeBack(redis);
    await healthy(one.store, true);
    await oneLife();
    assert.equal(held.signal.aborted, false, String(held.signal.reason));
    const [entry] = await two.service.list();
    assert.deepEqual([entry?.key, entry?.fence], [own, held.fence]);
    const refused = two.service.withLock(own, { ...terms, waitMs: 0 }, async () => 0);
    await assert.rejects(refused, (error) => hasCode(error, "LOCK_HELD"));
    held.done();
    await held.ended;
    const next = await waiting;
    assert.ok(next > held.fence);
    assert.ok((await two.service.withLock(own, terms, async ({ fence }) => fence)) > next);
  });
}

test("locks granted during an outage have growing fences, and Redis goes on above them", async (t) => {
  const redis = await server(t);
  const [one, two] = [await openStore(t, redis), await openStore(t, redis, "somebody")];
  const fences = [await one.service.withLock(own, terms, async ({ fence }) => fence)];
  redis.pause();
  for (let i = 0; i < 3; i++) fences.push(await one.service.withLock(own, terms, async ({ fence }) => fence));
  const held = await hold(one, own, terms);
  fences.push(held.fence);
  redis.resume();
  await healthy(one.store, true);
  // On a machine too busy to renew in time the lock is lost here first, and this side must know that.
  held.ended.catch(() => {});
  // Redis answers a moment before it has been told what was granted meanwhile.
  const isTold = async () => (await one.service.list())[0]?.fence === held.fence;
  await waitFor("Redis to be told", async () => held.signal.aborted || (await isTold()));
  const waiting = two.service.withLock(own, terms, async ({ fence }) => fence);
  let isGranted = false;
  void waiting.then(() => {
    isGranted = true;
  });
  const isQueued = async () => (await two.service.list())[0]?.waiters === 1;
  await waitFor("the other daemon to wait", async () => isGranted || (await isQueued()));
  assert.ok(!isGranted || held.signal.aborted, "two have the lock");
  held.done();
  fences.push(await waiting);
  assert.deepEqual(
    fences,
    [...new Set(fences)].sort((a, b) => a - b),
  );
});

test("what others share is refused and lost as ever, and doesn't take along what is this machine's own", async (t) => {
  const redis = await server(t);
  const { store, service } = await openStore(t, redis);
  const [mine, ours] = [await hold({ service }, own, terms), await hold({ service }, shared, terms)];
  redis.pause();
  await healthy(store, false);
  await waitFor("the shared lock to be lost", () => ours.signal.aborted);
  await oneLife();
  assert.equal(mine.signal.aborted, false, String(mine.signal.reason));
  const refused = service.withLock(shared, terms, async () => 0);
  await assert.rejects(refused, (error) => hasCode(error, "STORE_UNAVAILABLE"));
  ours.done();
  await assert.rejects(ours.ended, (error) => hasCode(error, "LOCK_LOST"));
  mine.done();
  await mine.ended;
  redis.resume();
});

test("a record written during an outage reaches Redis, unless a higher fence was written there", async (t) => {
  const redis = await server(t);
  const { store } = await openStore(t, redis);
  const outside = await openRedisStore({ url: redis.url, clientName: "outside" });
  t.after(() => outside.close());
  const { records } = store;
  let version = await records.put(ownRecord, { fence: 1, text: "before" }, 0);
  redis.pause();
  version = await records.put(ownRecord, { fence: 2, text: "first" }, version);
  version = await records.put(ownRecord, { fence: 2, text: "second" }, version);
  assert.deepEqual((await records.get(ownRecord))?.value, { fence: 2, text: "second" });
  await assert.rejects(records.put(ownRecord, {}, version - 1), (error) => hasCode(error, "RECORD_CONFLICT"));
  redis.resume();
  await healthy(store, true);
  await waitFor("Redis to learn of it", async () => {
    const value = (await outside.records.get(ownRecord))?.value as { text: string } | undefined;
    return value?.text === "second";
  });
  version = await records.put(ownRecord, { fence: 2, text: "third" }, version);

  redis.pause();
  version = await records.put(ownRecord, { fence: 3, text: "overruled" }, version);
  await records.put("session/sb_0123456789abcdef/api", { fence: 3 }, 0);
  // Goes out when Redis answers again: before or after this store is back, its higher fence counts.
  redis.resume();
  const there = await outside.records.get(ownRecord);
  await outside.records
    .put(ownRecord, { fence: 4, text: "elsewhere" }, there?.version ?? 0)
    .catch(async () => {
      const now = await outside.records.get(ownRecord);
      await outside.records.put(ownRecord, { fence: 4, text: "elsewhere" }, now?.version ?? 0);
    });
  await healthy(store, true);
  await waitFor("the other record to be given back", async () =>
    Boolean(await outside.records.get("session/sb_0123456789abcdef/api")),
  );
  const found = await records.get(ownRecord);
  assert.deepEqual(found?.value, { fence: 4, text: "elsewhere" });
  assert.ok((found?.version ?? 0) > version, "readers see a newer version");
  await records.put(ownRecord, { fence: 4, text: "last" }, found?.version ?? 0);
  assert.deepEqual((await outside.records.get(ownRecord))?.value, { fence: 4, text: "last" });
});

test("a record removed during an outage is removed from Redis", async (t) => {
  const redis = await server(t);
  const { store } = await openStore(t, redis);
  const version = await store.records.put(ownRecord, { fence: 1 }, 0);
  redis.pause();
  assert.equal(await store.records.delete(ownRecord, version), true);
  assert.equal(await store.records.get(ownRecord), undefined);
  redis.resume();
  await healthy(store, true);
  const outside = await openRedisStore({ url: redis.url, clientName: "outside" });
  t.after(() => outside.close());
  await waitFor("it to be gone", async () => (await outside.records.get(ownRecord)) === undefined);
});
