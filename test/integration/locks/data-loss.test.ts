import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { openRedisStore } from "../../../daemon/store/redis/store.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import { randomToken } from "../../../shared/base/token.ts";
import { type RedisServer, startRedis } from "../../support/redis.ts";
import { patienceMs, waitFor } from "../../support/wait.ts";
import { hold, newKey, openDaemon } from "./daemons.ts";

/** Ways in which Redis comes to know nothing any more, while those who hold locks live on. */
const losses: readonly (readonly [string, (redis: RedisServer) => Promise<unknown>])[] = [
  ["FLUSHALL", (redis) => redis.command("FLUSHALL")],
  ["a kill and an empty restart", (redis) => redis.restart()],
];
const terms = { ttlMs: 5_000, waitMs: patienceMs, owner: "tester" };

for (const [loss, lose] of losses) {
  test(`after ${loss} a live holder keeps its lock and fence, and hands it on when it is done`, async (t) => {
    const redis = await server(t);
    const [holder, rival] = [await openDaemon(t, redis.url), await openDaemon(t, redis.url)];
    const key = newKey();
    const before = await rival.service.withLock(key, terms, async ({ fence }) => fence);
    const { fence, signal, done, ended } = await hold(holder, key, terms);
    assert.ok(fence > before);
    await lose(redis);
    await waitFor("both to be back", () => holder.store.healthy && rival.store.healthy);

    // At once, before the holder has said a word: the rival knows of a fence that Redis doesn't.
    const refused = rival.service.withLock(key, { ...terms, waitMs: 0 }, async () => 0);
    await assert.rejects(refused, (error) => hasCode(error, "LOCK_HELD"));
    let entered = false;
    const waiting = rival.service.withLock(key, terms, async (grant) => {
      entered = true;
      return grant.fence;
    });
    await waitFor("the holder to assert its lock", async () => {
      return (await rival.service.list()).some((lock) => lock.key === key && lock.fence === fence);
    });
    // Two lives of the lock: had it been forgotten, the rival would have it by now.
    const begun = performance.now();
    await waitFor("two lives", () => performance.now() - begun > 2 * terms.ttlMs);
    assert.equal(entered, false);
    assert.equal(signal.aborted, false);
    const endedAt = performance.now();
    done();
    await ended;
    assert.ok((await waiting) > fence);
    assert.ok(
      performance.now() - endedAt < terms.ttlMs,
      "handed on by push, without waiting for anything to expire",
    );
  });

  test(`after ${loss} a lock whose owner died is granted when that owner's life is over, not before`, async (t) => {
    const redis = await server(t);
    const heir = await openDaemon(t, redis.url);
    const dead = await openRedisStore({ url: redis.url, clientName: "dead" });
    t.after(() => dead.close());
    const key = newKey();
    await heir.service.withLock(key, terms, async () => 0);
    const granted = await dead.locks.acquire(
      { key, token: randomToken(), ttlMs: terms.ttlMs, owner: "dead" },
      0,
    );
    assert.equal(granted.kind, "granted");
    await dead.close();
    await lose(redis);
    const lostAt = performance.now();
    await waitFor("the heir to be back", () => heir.store.healthy);
    const early = heir.service.withLock(key, { ...terms, waitMs: 0 }, async () => 0);
    await assert.rejects(
      early,
      (error) => hasCode(error, "LOCK_HELD") && /lost data.*s at most/.test(error.message),
    );
    const fence = await heir.service.withLock(key, terms, async (grant) => grant.fence);
    assert.ok(performance.now() - lostAt >= terms.ttlMs, `${performance.now() - lostAt} ms`);
    assert.ok(granted.kind === "granted" && fence > granted.fence);
    // Who has had it since is known: from now on no one waits.
    const again = await heir.service.withLock(key, { ...terms, waitMs: 0 }, async (grant) => grant.fence);
    assert.ok(again > fence);
  });
}

test("a new sandbox on a Redis in use is not made to wait", async (t) => {
  const { service } = await openDaemon(t, (await server(t)).url);
  await service.withLock(newKey(), terms, async () => 0);
  assert.ok((await service.withLock(newKey(), { ...terms, waitMs: 0 }, async ({ fence }) => fence)) > 0);
});

test("a released lock isn't written again by a late renewal after a loss", async (t) => {
  const redis = await server(t);
  const { store } = await openDaemon(t, redis.url);
  const request = { key: newKey(), token: randomToken(), ttlMs: 60_000, owner: "first" };
  const reply = await store.locks.acquire(request, 0);
  assert.equal(reply.kind, "granted");
  const fence = reply.kind === "granted" ? reply.fence : 0;
  await redis.command("FLUSHALL");
  assert.deepEqual((await store.locks.renew([{ ...request, fence }])).lost, []);
  assert.equal(await store.locks.release(request.key, request.token), true);
  assert.deepEqual((await store.locks.renew([{ ...request, fence }])).lost, [request.key]);
  assert.deepEqual(await store.locks.list(), []);
});

async function server(t: TestContext): Promise<RedisServer> {
  const redis = await startRedis();
  t.after(() => redis.stop());
  return redis;
}
