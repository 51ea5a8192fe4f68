import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { LockServiceOptions } from "../../../daemon/locks/lock-service.ts";
import { Keys } from "../../../daemon/store/redis/keys.ts";
import type { Store } from "../../../daemon/store/store.ts";
import { DevlatchError, hasCode } from "../../../shared/base/errors.ts";
import type { LockEvent } from "../../../shared/model/concurrency.ts";
import { type RedisServer, startRedis } from "../../support/redis.ts";
import { patienceMs, waitFor } from "../../support/wait.ts";
import { type LockingDaemon, newKey, openDaemon } from "./daemons.ts";

const terms = { ttlMs: 10_000, waitMs: patienceMs, owner: "tester" };

test("work runs with a fence and the lock is free afterwards, whatever becomes of the work", async (t) => {
  const { service } = await daemon(t);
  const key = newKey();
  assert.ok((await service.withLock(key, terms, async ({ fence }) => fence)) > 0);
  const failing = service.withLock(key, terms, () => Promise.reject(new Error("boom")));
  await assert.rejects(failing, /boom/);
  const throwing = service.withLock(key, terms, () => {
    throw new Error("bang");
  });
  await assert.rejects(throwing, /bang/);
  assert.deepEqual(await service.list(), []);
});

test("waiters of two daemons are served in the order they came, by push", async (t) => {
  const redis = await server(t);
  // No waiter asks again within the test: only pushes can serve.
  const one = await daemon(t, redis, { reaskMs: 60_000 });
  const two = await daemon(t, redis, { reaskMs: 60_000 });
  const key = newKey();
  const served: number[] = [];
  const first = Promise.withResolvers<void>();
  const running = [one.service.withLock(key, { ...terms, ttlMs: 60_000 }, () => first.promise)];
  for (let i = 0; i < 20; i++) {
    await waitFor("the place in the queue", async () => (await one.service.list())[0]?.waiters === i, {
      intervalMs: 1,
    });
    const { service } = i % 2 ? one : two;
    running.push(service.withLock(key, { ...terms, ttlMs: 60_000 }, async () => void served.push(i)));
  }
  await waitFor("the whole queue", async () => (await one.service.list())[0]?.waiters === 20);
  first.resolve();
  await Promise.all(running);
  assert.deepEqual(
    served,
    Array.from({ length: 20 }, (_, i) => i),
  );
});

test("a push that was lost is made good by asking again", async (t) => {
  const redis = await server(t);
  const holder = await daemon(t, redis);
  const deaf = await daemon(t, redis, { reaskMs: 100 }, (store) => ({
    ...bound(store),
    onGranted: () => ({ dispose: () => {} }),
    onReconnected: () => ({ dispose: () => {} }),
  }));
  const key = newKey();
  const hold = Promise.withResolvers<void>();
  const held = holder.service.withLock(key, terms, () => hold.promise);
  await waitFor("the holder", async () => (await holder.service.list()).length === 1);
  const waiting = deaf.service.withLock(key, terms, async () => "served");
  await waitFor("the waiter", async () => (await holder.service.list())[0]?.waiters === 1);
  hold.resolve();
  assert.equal(await waiting, "served");
  await held;
});

test("who doesn't wait is told at once who holds the lock; who waits, when the time is up", async (t) => {
  const { service } = await daemon(t);
  const events: LockEvent[] = [];
  t.after(service.onEvent((event) => events.push(event)).dispose);
  const key = newKey();
  const hold = Promise.withResolvers<void>();
  const held = service.withLock(key, { ...terms, owner: "the busy one" }, () => hold.promise);
  await waitFor("the holder", async () => (await service.list()).length === 1);
  const never = () => Promise.reject(new Error("must not run"));
  await assert.rejects(service.withLock(key, { ...terms, waitMs: 0 }, never), (error) => {
    return hasCode(error, "LOCK_HELD") && error.message.includes("the busy one");
  });
  await assert.rejects(service.withLock(key, { ...terms, waitMs: 80 }, never), (error) => {
    return hasCode(error, "DEADLINE") && error.message.includes("the busy one");
  });
  await waitFor("the queue to be empty", async () => (await service.list())[0]?.waiters === 0);
  hold.resolve();
  await held;
  assert.deepEqual(await service.list(), []);
  const failed = events.filter(({ kind }) => kind === "failed").map((event) => "code" in event && event.code);
  assert.deepEqual(failed, ["LOCK_HELD", "DEADLINE"]);
});

test("a cancelled waiter leaves the queue and is never granted", async (t) => {
  const { service } = await daemon(t);
  const key = newKey();
  const hold = Promise.withResolvers<void>();
  const held = service.withLock(key, terms, () => hold.promise);
  const cancel = new AbortController();
  const waiting = service.withLock(key, { ...terms, signal: cancel.signal }, () =>
    Promise.reject(new Error("ran")),
  );
  await waitFor("the waiter", async () => (await service.list())[0]?.waiters === 1);
  const reason = new DevlatchError("CANCELLED", "Changed my mind.", "-");
  cancel.abort(reason);
  await assert.rejects(waiting, (error) => error === reason);
  await waitFor("the queue to be empty", async () => (await service.list())[0]?.waiters === 0);
  hold.resolve();
  await held;
  assert.deepEqual(await service.list(), []);
});

test("a lock is renewed as long as the work goes on, with one call for all locks", async (t) => {
  let calls = 0;
  const { service } = await daemon(t, undefined, {}, (store) => {
    const locks = bound(store);
    return {
      ...locks,
      adopt: store.locks.adopt.bind(store.locks),
      renew: (held) => {
        calls++;
        return locks.renew(held);
      },
    };
  });
  const begun = performance.now();
  const outlive = ({ signal }: { signal: AbortSignal }) =>
    waitFor("two lives", () => {
      signal.throwIfAborted();
      return performance.now() - begun > 11_000;
    });
  await Promise.all(
    Array.from({ length: 50 }, () => service.withLock(newKey(), { ...terms, ttlMs: 5_000 }, outlive)),
  );
  assert.ok(calls >= 3 && calls <= 20, `${calls} calls`);
});

test("a holder whose store is away gives up before its lock can be granted to another", async (t) => {
  const redis = await server(t);
  const { service } = await daemon(t, redis);
  const begun = performance.now();
  let aborted = 0;
  const work = service.withLock(newKey(), { ...terms, ttlMs: 10_000 }, async ({ signal }) => {
    redis.pause();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    aborted = performance.now() - begun;
    return "finished all the same";
  });
  await assert.rejects(work, (error) => hasCode(error, "LOCK_LOST"));
  assert.ok(aborted > 5_000 && aborted < 10_000, `${aborted} ms`);
  redis.resume();
});

test("a lock that was taken away is noticed at the next heartbeat", async (t) => {
  const redis = await server(t);
  const { service } = await daemon(t, redis);
  const key = newKey();
  const kinds: LockEvent["kind"][] = [];
  t.after(service.onEvent(({ kind }) => kinds.push(kind)).dispose);
  const begun = performance.now();
  const work = service.withLock(key, { ...terms, ttlMs: 600_000 }, async ({ signal }) => {
    // Its key alone: a loss of everything is another matter (data-loss.test.ts).
    await redis.command("DEL", new Keys("devlatch").lock(key));
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    throw new Error("I stopped, and say something else");
  });
  await assert.rejects(work, (error) => hasCode(error, "LOCK_LOST"));
  assert.ok(performance.now() - begun < 60_000);
  assert.deepEqual(kinds, ["attempt", "granted", "lost"]);
});

test("a request given up while Redis was away doesn't keep the lock when Redis comes back", async (t) => {
  const redis = await server(t);
  const { service, store } = await daemon(t, redis);
  const other = await daemon(t, redis);
  const key = newKey();
  // Redis knows the script from here on.
  await service.withLock(key, terms, async () => {});
  redis.pause();
  // It is in Redis' socket already, and will be run as soon as Redis goes on.
  const giving = service.withLock(key, { ...terms, ttlMs: 60_000 }, () => Promise.reject(new Error("ran")));
  await assert.rejects(giving, (error) => hasCode(error, "STORE_UNAVAILABLE"));
  redis.resume();
  await waitFor("the store to heal", () => store.healthy);
  assert.equal(await other.service.withLock(key, terms, async () => "mine"), "mine");
});

test("closing ends waiting and work with CANCELLED and leaves no lock", async (t) => {
  const redis = await server(t);
  const { service } = await daemon(t, redis);
  const watcher = await daemon(t, redis);
  const [obedient, stubborn] = [newKey(), newKey()];
  const outcomes = [
    service.withLock(obedient, terms, ({ signal }) => {
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    }),
    service.withLock(obedient, terms, () => Promise.reject(new Error("ran"))),
  ].map((promise) =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
  const stuck = Promise.withResolvers<void>();
  const staying = service.withLock(stubborn, terms, () => stuck.promise);
  await waitFor("both locks", async () => (await watcher.service.list()).length === 2);
  await service.close();
  for (const outcome of await Promise.all(outcomes))
    assert.ok(hasCode(outcome, "CANCELLED"), String(outcome));
  assert.deepEqual(await watcher.service.list(), []);
  stuck.resolve();
  await staying;
  await assert.rejects(
    service.withLock(newKey(), terms, async () => 1),
    (error) => hasCode(error, "CANCELLED"),
  );
});

test("changes are announced: one's own at once, others' when they are seen", async (t) => {
  const redis = await server(t);
  const [one, two] = [await daemon(t, redis), await daemon(t, redis)];
  let [own, others] = [0, 0];
  t.after(one.service.onChanged(() => own++).dispose);
  t.after(two.service.onChanged(() => others++).dispose);
  await one.service.withLock(newKey(), terms, async () => {
    assert.equal(own, 1);
    await two.service.list();
    assert.equal(others, 1);
    await two.service.list();
    assert.equal(others, 1);
  });
  assert.equal(own, 2);
});

type Locks = Store["locks"];

async function daemon(
  t: TestContext,
  redis?: RedisServer,
  options?: LockServiceOptions,
  wrap?: (store: Store) => Locks,
): Promise<LockingDaemon> {
  return openDaemon(t, (redis ?? (await server(t))).url, options, wrap);
}

/** The store's locks as a plain object, so that one method can be replaced. */
function bound({ locks }: Store): Locks {
  return {
    acquire: locks.acquire.bind(locks),
    cancel: locks.cancel.bind(locks),
    release: locks.release.bind(locks),
    break: locks.break.bind(locks),
    renew: locks.renew.bind(locks),
    adopt: locks.adopt.bind(locks),
    list: locks.list.bind(locks),
    abandon: locks.abandon.bind(locks),
    onGranted: locks.onGranted,
    onReconnected: locks.onReconnected,
  };
}

async function server(t: TestContext): Promise<RedisServer> {
  const redis = await startRedis();
  t.after(() => redis.stop());
  return redis;
}
