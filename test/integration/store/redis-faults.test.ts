import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { inspect } from "node:util";
import { openRedisStore, type RedisStoreOptions } from "../../../daemon/store/redis/store.ts";
import type { Store } from "../../../daemon/store/store.ts";
import { type DevlatchError, hasCode } from "../../../shared/base/errors.ts";
import { freePort } from "../../support/ports.ts";
import { type RedisServer, type RedisServerOptions, startRedis } from "../../support/redis.ts";
import { patienceMs, waitFor } from "../../support/wait.ts";
import { request } from "./claims/handles.ts";

/** Bound of every failing call, in milliseconds. */
const bound = 60_000;

test("a port without a listener gives STORE_UNAVAILABLE in bounded time, by every method, and names the URL without password", async (t) => {
  const url = `redis://someone:s3cret@127.0.0.1:${await freePort()}/2`;
  const problems: DevlatchError[] = [];
  const store = await bounded(() => open(t, { url, onProblem: (problem) => problems.push(problem) }));
  assert.equal(store.healthy, false);
  assert.ok(problems.length > 0);
  for (const failure of await failEveryMethod(store)) {
    assert.match(failure.message, /redis:\/\/someone:\*\*\*@127\.0\.0\.1:\d+\/2.*ECONNREFUSED/);
    assert.match(failure.remedy, /Start Redis/);
    assert.ok(!inspect(failure).includes("s3cret"));
  }
});

test("a paused Redis gives STORE_UNAVAILABLE in bounded time, and is used again when it goes on", async (t) => {
  const redis = await server(t);
  const store = await open(t, { url: redis.url });
  const version = await store.records.put("a", 1, 0);
  redis.pause();
  await failEveryMethod(store);
  assert.equal(store.healthy, false);
  redis.resume();
  await waitFor("the store to heal", () => store.healthy);
  assert.equal((await store.records.get("a"))?.version, version);
});

test("a store opened on a paused Redis opens in bounded time and heals later", async (t) => {
  const redis = await server(t);
  redis.pause();
  const store = await bounded(() => open(t, { url: redis.url }));
  await failEveryMethod(store);
  redis.resume();
  await waitFor("the store to heal", () => store.healthy);
  await store.records.put("a", 1, 0);
});

test("a wrong password is named at once, and never repeated", async (t) => {
  const redis = await server(t, { password: "right-one" });
  for (const userinfo of [":wr0ng-one@", "", "stranger:wr0ng-one@"]) {
    const url = `redis://${userinfo}127.0.0.1:${redis.port}`;
    const store = await bounded(() => open(t, { url, commandTimeoutMs: 2 * bound }));
    const [failure] = await failEveryMethod(store);
    assert.match(failure?.message ?? "", /WRONGPASS|NOAUTH/);
    assert.match(failure?.remedy ?? "", /password/);
    assert.ok(!inspect(failure).includes("wr0ng-one"));
  }
  const right = await open(t, { url: redis.url });
  assert.ok((await right.records.put("a", 1, 0)) > 0);
});

test("a killed Redis that comes back empty is used again, and fences still grow", async (t) => {
  const redis = await server(t);
  const store = await open(t, { url: redis.url });
  const before = await granted(store);
  await redis.kill();
  await assert.rejects(bounded(() => store.locks.list()));
  await redis.restart();
  await waitFor("the store to heal", () => store.healthy);
  assert.ok((await granted(store)) > before);
});

test("fences and versions grow after FLUSHALL too", async (t) => {
  const redis = await server(t);
  const store = await open(t, { url: redis.url });
  const a = request();
  const before = await granted(store, a.key);
  const version = await store.records.put("r", 1, 0);
  await redis.command("FLUSHALL");
  // Another daemon, which knows of no loss: what the first one does then is in locks/data-loss.test.ts.
  assert.ok((await granted(await open(t, { url: redis.url }), a.key)) > before);
  assert.ok((await store.records.put("r", 2, 0)) > version);
});

test("scripts that Redis forgot are sent again", async (t) => {
  const redis = await server(t);
  const store = await open(t, { url: redis.url });
  const a = request();
  await store.locks.acquire(a, 0);
  for (const call of [
    () => store.locks.renew([a]),
    () => store.locks.list(),
    () => store.locks.release(a.key, a.token),
    () => store.records.put("a", 1, 0),
  ]) {
    assert.match(await redis.command("SCRIPT", "FLUSH", "SYNC"), /OK/);
    await call();
  }
});

test("a connection cut in the middle of many calls loses and repeats nothing", async (t) => {
  const redis = await server(t);
  const store = await open(t, { url: redis.url });
  const writing = Array.from({ length: 500 }, async (_, i) => {
    const first = await store.records.put(`r${i}`, "first", 0);
    return (await store.records.put(`r${i}`, "second", first)) - first;
  });
  const cuts = Array.from({ length: 3 }, () => redis.command("CLIENT", "KILL", "TYPE", "normal"));
  await Promise.allSettled(cuts);
  assert.deepEqual(new Set(await Promise.all(writing)), new Set([1]));
  const values = (await store.records.list("r")).map(({ value }) => value);
  assert.deepEqual([values.length, new Set(values)], [500, new Set(["second"])]);
});

test("1,000 first calls at once share one connection", async (t) => {
  const redis = await server(t);
  const options = { url: redis.url, clientName: "many", commandTimeoutMs: patienceMs };
  const store = await openRedisStore(options);
  t.after(() => store.close());
  await redis.command("CLIENT", "KILL", "TYPE", "normal");
  await Promise.all(Array.from({ length: 1_000 }, (_, i) => store.records.get(`r${i}`)));
  const clients = await redis.text("CLIENT", "LIST");
  assert.equal(clients.match(/name=many /g)?.length, 1);
  assert.equal(clients.match(/name=many-subscriber /g)?.length, 1);
});

test("a change of a record reaches other daemons, also one whose subscription was cut meanwhile", async (t) => {
  const redis = await server(t);
  const [writer, reader] = [
    await open(t, { url: redis.url }),
    await open(t, { url: redis.url, pingMs: 100 }),
  ];
  const seen: string[] = [];
  t.after(reader.records.onChanged(({ key }) => seen.push(key)).dispose);
  const version = await writer.records.put("session/a/web", 1, 0);
  await waitFor("the change", () => seen.includes("session/a/web"));
  await redis.command("CLIENT", "KILL", "TYPE", "pubsub");
  await writer.records.put("session/b/web", 1, 0);
  await writer.records.delete("session/a/web", version);
  seen.length = 0;
  await waitFor("both changes", () => seen.includes("session/b/web") && seen.includes("session/a/web"));
});

test("a request of a daemon that is gone is passed over", async (t) => {
  const redis = await server(t);
  const [holder, dead, waiter] = [
    await open(t, { url: redis.url }),
    await open(t, { url: redis.url }),
    await open(t, { url: redis.url }),
  ];
  const a = request();
  const [first, second] = [request(a.key), request(a.key)];
  await holder.locks.acquire(a, 0);
  await dead.locks.acquire(first, 60_000);
  await waiter.locks.acquire(second, 60_000);
  await dead.close();
  await waitFor("two subscribers", async () => {
    return (await redis.text("CLIENT", "LIST", "TYPE", "pubsub")).trim().split("\n").length === 2;
  });
  const pushed = Promise.withResolvers<string>();
  t.after(waiter.locks.onGranted(({ token }) => pushed.resolve(token)).dispose);
  await holder.locks.release(a.key, a.token);
  assert.equal(await pushed.promise, second.token);
});

test("a unix socket, a database and a namespace are honoured", async (t) => {
  const redis = await server(t);
  const plain = await open(t, { url: redis.socket });
  const second = await open(t, { url: `unix://${redis.socket}?db=3` });
  const named = await open(t, { url: redis.url, namespace: "elsewhere" });
  await plain.records.put("a", "plain", 0);
  assert.equal(await second.records.get("a"), undefined);
  assert.equal(await named.records.get("a"), undefined);
  assert.equal((await (await open(t, { url: redis.url })).records.get("a"))?.value, "plain");
});

test("a URL that can't be used is refused before anything is tried", async () => {
  for (const url of [
    "",
    "localhost:6379",
    "http://localhost",
    "redis://",
    "redis://h/x",
    "redis://u:%zz@h",
    "unix://",
  ]) {
    await assert.rejects(
      openRedisStore({ url, clientName: "x" }),
      (error) => hasCode(error, "INVALID_INPUT"),
      url,
    );
  }
});

async function server(t: TestContext, options?: RedisServerOptions): Promise<RedisServer> {
  const redis = await startRedis(options);
  t.after(() => redis.stop());
  return redis;
}

async function open(t: TestContext, options: Omit<RedisStoreOptions, "clientName">): Promise<Store> {
  const store = await openRedisStore({ clientName: "devlatch-test", ...options });
  t.after(() => store.close());
  return store;
}

async function bounded<T>(work: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  try {
    return await work();
  } finally {
    const elapsedMs = performance.now() - begun;
    assert.ok(elapsedMs < bound, `It took ${Math.round(elapsedMs)} ms`);
  }
}

async function failEveryMethod(store: Store): Promise<DevlatchError[]> {
  const a = request();
  const calls: (() => Promise<unknown>)[] = [
    () => store.locks.acquire(a, 1_000),
    () => store.locks.release(a.key, a.token),
    () => store.locks.cancel(a.key, a.token),
    () => store.locks.renew([a]),
    () => store.locks.list(),
    () => store.records.get("a"),
    () => store.records.list(""),
    () => store.records.put("a", 1, 0),
    () => store.records.delete("a", 1),
    () => store.probe(AbortSignal.timeout(10_000)),
  ];
  return Promise.all(
    calls.map(async (call) => {
      const failure = await bounded(() =>
        call().then(
          () => undefined,
          (error: unknown) => error,
        ),
      );
      assert.ok(hasCode(failure, "STORE_UNAVAILABLE"), String(failure));
      return failure as DevlatchError;
    }),
  );
}

async function granted(store: Store, key?: string): Promise<number> {
  const reply = await store.locks.acquire(request(key), 0);
  assert.equal(reply.kind, "granted");
  return reply.kind === "granted" ? reply.fence : 0;
}
