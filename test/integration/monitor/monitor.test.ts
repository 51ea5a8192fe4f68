import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { MonitorOptions } from "../../../daemon/monitor/monitor.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import { type Running, startProgram } from "../../support/child.ts";
import { type RedisServer, startRedis } from "../../support/redis.ts";
import { waitFor } from "../../support/wait.ts";
import { openInstance } from "./instance.ts";

const program = new URL("./lock-owner.ts", import.meta.url).pathname;
const register = new URL("../../support/register.mjs", import.meta.url).href;
const terms = { ttlMs: 10_000, waitMs: 60_000, owner: "tester" };
test("three processes that wait for each other are named within 2 s, by all of them, until one gives up", async (t) => {
  const redis = await server(t);
  const watcher = await instance(t, redis, "watcher");
  const ring = ["one:{ring}", "two:{ring}", "three:{ring}"];
  const alerts: { at: number; id: string }[] = [];
  watcher.monitor.onChanged((seen) => {
    for (const { id } of seen.alerts) alerts.push({ at: Date.now(), id });
  });
  const owners = await Promise.all(
    ring.map((key, index) => own(t, redis, key, ring[(index + 1) % 3] ?? "", 3)),
  );

  const queued = await Promise.all(owners.map((owner) => owner.printed(/queued (\d+)/)));
  const formed = Math.max(...queued.map(([, at]) => Number(at)));
  await waitFor("the watcher to name it", () => alerts[0]);
  const named = await Promise.all(owners.map((owner) => owner.printed(/alert (deadlock\S+)/)));

  const id = `deadlock:${ring.toSorted().join(",")}`;
  assert.deepEqual(new Set([...named.map(([, one]) => one), ...alerts.map((one) => one.id)]), new Set([id]));
  assert.ok((alerts[0]?.at ?? 0) - formed < 2_000, `${(alerts[0]?.at ?? 0) - formed} ms`);
  t.diagnostic(`named ${(alerts[0]?.at ?? 0) - formed} ms after it formed`);
  const [alert] = watcher.monitor.latest.alerts;
  for (const key of ring) assert.match(alert?.message ?? "", new RegExp(`owner of ${key} holds ${key}`));
  assert.match(alert?.remedy ?? "", /^Cancel owner of \S+, the last to wait/);

  owners[0]?.process.kill("SIGTERM");
  await waitFor("the alert to go", () => watcher.monitor.latest.alerts.length === 0);
  const outcomes = await Promise.all(owners.map((owner) => owner.finished()));
  assert.deepEqual(
    outcomes.map(({ code, stdout }) => [code, /gave up|got both/.exec(stdout)?.[0]]),
    [
      [0, "gave up"],
      [0, "got both"],
      [0, "got both"],
    ],
  );
  await waitFor("all shares to go", async () => (await shares(watcher)).length === 0);
  assert.deepEqual((await watcher.monitor.check()).alerts, []);
});

test("a chain of waiting processes is no deadlock", async (t) => {
  const redis = await server(t);
  const watcher = await instance(t, redis, "watcher");
  const end = Promise.withResolvers<void>();
  const last = watcher.locks.withLock("last:{ring}", terms, () => end.promise);
  await waitFor("the last lock", async () => (await watcher.locks.list()).length === 1);
  const owners = await Promise.all([
    own(t, redis, "one:{ring}", "two:{ring}", 3),
    own(t, redis, "two:{ring}", "last:{ring}", 3),
  ]);
  await Promise.all(owners.map((owner) => owner.printed(/queued (\d+)/)));
  await waitFor("their shares", async () => (await shares(watcher)).length >= 2);
  for (let look = 0; look < 3; look++) assert.deepEqual((await watcher.monitor.check()).alerts, []);
  end.resolve();
  await last;
  for (const owner of owners) assert.equal((await owner.finished()).code, 0);
});

test("nested work is known to be one work without being told, and waits for itself are found", async (t) => {
  const redis = await server(t);
  const { locks, monitor } = await instance(t, redis, "one");
  const giveUp = new AbortController();
  const stuck = locks.withLock("self", terms, () =>
    locks.withLock("self", { ...terms, signal: giveUp.signal }, async () => "never"),
  );
  await waitFor("the deadlock", () => monitor.latest.alerts[0]?.id === "deadlock:self");
  giveUp.abort(new Error("enough"));
  await assert.rejects(stuck, /enough/);
  await waitFor("its end", () => monitor.latest.alerts.length === 0);
});

test("a lock held beyond its limit alarms on every daemon until it is released; a lease doesn't", async (t) => {
  const redis = await server(t);
  const limitOf = (key: string) => (key.startsWith("run:") ? Number.POSITIVE_INFINITY : 300);
  const one = await instance(t, redis, "one", { limitOf });
  const two = await instance(t, redis, "two", { limitOf });
  const end = Promise.withResolvers<void>();
  const lease = one.locks.withLock("run:{box}:build", terms, () => end.promise);
  const short = Promise.withResolvers<void>();
  const held = one.locks.withLock("dev_server_start:{box}:web", terms, () => short.promise);
  for (const { monitor } of [one, two]) {
    const alert = await waitFor("the alert", () => monitor.latest.alerts[0]);
    assert.deepEqual([alert.kind, ...alert.keys], ["potential_deadlock", "dev_server_start:{box}:web"]);
    assert.equal(monitor.latest.alerts.length, 1);
  }
  short.resolve();
  await held;
  for (const { monitor } of [one, two]) {
    await waitFor("the alert to go", () => monitor.latest.alerts.length === 0);
  }
  end.resolve();
  await lease;
  for (const { monitor } of [one, two]) {
    const { alerts, keys } = await monitor.check();
    assert.deepEqual([alerts, keys.filter(({ holder }) => holder !== null)], [[], []], "a finished run");
  }
});

test("contention is counted over all daemons, appears, and decays", async (t) => {
  const redis = await server(t);
  const windowMs = 15_000;
  const holder = await instance(t, redis, "holder", { windowMs });
  const others = [await instance(t, redis, "a", { windowMs }), await instance(t, redis, "b", { windowMs })];
  const end = Promise.withResolvers<void>();
  const held = holder.locks.withLock("busy", terms, () => end.promise);
  await waitFor("the holder", async () => (await holder.locks.list()).length === 1);
  // Six refusals each: too few to say anything for either alone.
  for (const { locks } of others) {
    for (let i = 0; i < 6; i++) {
      const refused = locks.withLock("busy", { ...terms, waitMs: 0 }, () => Promise.reject(new Error("ran")));
      await assert.rejects(refused, (error) => hasCode(error, "LOCK_HELD"));
    }
  }
  for (const { monitor } of [holder, ...others]) {
    await waitFor("the alert", () => monitor.latest.alerts[0]?.id === "high_contention:busy");
  }
  // The alert may be up before the last refusals were heard of.
  await waitFor("all of them to be counted", () => {
    const [summary] = holder.monitor.latest.keys;
    return summary?.attempts === 13 && summary.failures === 12;
  });
  assert.deepEqual(
    holder.monitor.latest.instances.map(({ name, self, failures }) => [name, self, failures]).sort(),
    [
      ["a", false, 6],
      ["b", false, 6],
      ["holder", true, 0],
    ],
  );
  end.resolve();
  await held;
  for (const { monitor } of [holder, ...others]) {
    await waitFor("the alert to decay", () => monitor.latest.alerts.length === 0);
  }
  await waitFor("all shares to go", async () => (await shares(holder)).length === 0);
});

test("a killed daemon's share is disregarded when it is out of date, and a store come back empty is told again", async (t) => {
  const redis = await server(t);
  const watcher = await instance(t, redis, "watcher", { renewMs: 1_000 });
  const victim = await own(t, redis, "mine", "never", 2);
  const names = () => watcher.monitor.latest.instances.map(({ name }) => name);
  await waitFor("the victim's share", () => names().includes("owner of mine"));
  victim.process.kill("SIGKILL");
  await waitFor("the victim to be forgotten", () => !names().includes("owner of mine"));

  const end = Promise.withResolvers<void>();
  const held = watcher.locks.withLock("kept", terms, () => end.promise);
  await waitFor("the own share", async () => (await shares(watcher)).some(({ holding }) => holding === 1));
  await redis.command("FLUSHALL");
  await waitFor("the own share again", async () => (await shares(watcher)).length === 1);
  end.resolve();
  await held.catch(() => {});
});

test("with the store away the monitor answers in bounded time with what it knows, and recovers", async (t) => {
  const redis = await server(t);
  const { locks, monitor, store } = await instance(t, redis, "one");
  await locks.withLock("k", terms, async () => {});
  redis.pause();
  const begun = performance.now();
  const { keys, alerts, storeAnswered } = await monitor.check();
  assert.equal(storeAnswered, false);
  assert.ok(performance.now() - begun < 60_000);
  assert.deepEqual([keys.map(({ key, grants }) => [key, grants]), alerts], [[["k", 1]], []]);
  redis.resume();
  await waitFor("the store to heal", () => store.healthy);
  await locks.withLock("k", terms, async () => {});
  await waitFor("the count", async () => (await monitor.check()).keys[0]?.grants === 2);
});

type Instance = Awaited<ReturnType<typeof openInstance>>;

async function shares({ store }: Instance): Promise<readonly { holding: number }[]> {
  const records = await store.records.list("monitor/");
  return records.map(({ value }) => (value as { share: { holding: number } }).share);
}

async function server(t: TestContext): Promise<RedisServer> {
  const redis = await startRedis();
  t.after(() => redis.stop());
  return redis;
}

async function instance(
  t: TestContext,
  redis: RedisServer,
  name: string,
  options: Partial<MonitorOptions> = {},
): Promise<Instance> {
  const opened = await openInstance(redis.url, name, options);
  t.after(() => opened.close());
  return opened;
}

async function own(
  t: TestContext,
  redis: RedisServer,
  key: string,
  next: string,
  size: number,
): Promise<Running> {
  const words = ["--import", register, program, redis.url, key, next, String(size)];
  const running = await startProgram(process.execPath, words);
  t.after(() => running.process.kill("SIGKILL"));
  return running;
}
