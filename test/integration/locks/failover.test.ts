import assert from "node:assert/strict";
import { test } from "node:test";
import { Keys } from "../../../daemon/store/redis/keys.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import { startSentinelSet } from "../../support/sentinel.ts";
import { waitFor } from "../../support/wait.ts";
import { hold, openDaemon } from "./daemons.ts";

const terms = { ttlMs: 10_000, waitMs: 40_000, owner: "tester" };
const key = "test:{box}:web";

test("over a failover of Sentinel a holder keeps its lock, and the waiter gets it when it is done", async (t) => {
  const set = await startSentinelSet(t);
  const [holder, rival] = [await openDaemon(t, set.url), await openDaemon(t, set.url)];
  await rival.service.withLock(key, terms, async () => 0);
  const { fence, signal, done, ended } = await hold(holder, key, terms);
  await set.replicated();
  await set.primary.kill();
  // Sentinel cuts the connections of the one it promotes.
  const role = async () =>
    (await set.replica.text("INFO", "replication").catch(() => "")).includes("role:master");
  await waitFor("the replica to take over", role);
  const back = () => holder.store.healthy && rival.store.healthy;
  await waitFor("both daemons to follow", back);

  const refused = rival.service.withLock(key, { ...terms, waitMs: 0 }, async () => 0);
  await assert.rejects(refused, (error) => hasCode(error, "LOCK_HELD"));
  const waiting = rival.service.withLock(key, terms, async (grant) => grant.fence);
  const begun = performance.now();
  await waitFor("more than a life", () => performance.now() - begun > terms.ttlMs);
  assert.equal(signal.aborted, false, String(signal.reason));
  done();
  await ended;
  assert.ok((await waiting) > fence);
});

test("a grant that a failover lost is kept by its holder: no other gets the lock meanwhile", async (t) => {
  const set = await startSentinelSet(t);
  // The failover may take longer than ten seconds, after which a holder gives up by itself.
  const long = { ...terms, ttlMs: 30_000 };
  const [holder, rival] = [await openDaemon(t, set.url), await openDaemon(t, set.url)];
  await rival.service.withLock(key, long, async () => 0);
  await set.replicated();
  await set.cutReplication();
  const { fence, signal, done, ended } = await hold(holder, key, long);
  const there = await set.replica.text("HGET", new Keys("devlatch").lock(key), "fence");
  assert.notEqual(there.trim(), String(fence), "the replica doesn't know of the grant");
  await set.primary.kill();
  // Sentinel cuts the connections of the one it promotes.
  const role = async () =>
    (await set.replica.text("INFO", "replication").catch(() => "")).includes("role:master");
  await waitFor("the replica to take over", role);
  await waitFor("the holder to assert its lock", async () => {
    const list = await holder.service.list().catch(() => []);
    return list.some((lock) => lock.key === key && lock.fence === fence);
  });
  assert.equal(signal.aborted, false, String(signal.reason));
  await waitFor("the rival to follow", () => rival.store.healthy);
  const waiting = rival.service.withLock(key, long, async (grant) => grant.fence);
  await waitFor("the rival in the queue", async () => {
    const list = await holder.service.list().catch(() => []);
    return list.some((lock) => lock.key === key && lock.waiters === 1);
  });
  done();
  await ended;
  assert.ok((await waiting) > fence);
});

test("after a failover that leaves the former primary alive, waiters are granted locks by push as before", async (t) => {
  const set = await startSentinelSet(t, 60_000);
  // No waiter asks again: what is granted was pushed.
  const pushOnly = { reaskMs: 600_000 };
  const [one, two] = [await openDaemon(t, set.url, pushOnly), await openDaemon(t, set.url, pushOnly)];
  await set.failOver();
  // What finds out that it talks to a replica succeeds all the same.
  for (const { service } of [one, two]) await service.withLock("test:{other}:web", terms, async () => 0);
  const onPrimary = async () => {
    const channels = await set.current().text("PUBSUB", "CHANNELS", "devlatch:grants:*");
    return [...channels.matchAll(/devlatch:grants:/g)].length;
  };
  await waitFor("both daemons to listen to the new primary", async () => (await onPrimary()) === 2);
  for (let round = 0; round < 5; round++) {
    const held = await hold(one, key, terms);
    const waiting = two.service.withLock(key, terms, async (grant) => grant.fence);
    await waitFor("the waiter to be queued", async () => (await one.service.list())[0]?.waiters === 1);
    held.done();
    assert.ok((await waiting) > held.fence);
  }
});
