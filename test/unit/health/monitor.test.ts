import assert from "node:assert/strict";
import { test } from "node:test";
import type { Check, Observation } from "../../../daemon/health/check.ts";
import { HealthMonitor } from "../../../daemon/health/monitor.ts";
import type { HealthStatus } from "../../../shared/model/health.ts";
import { waitFor } from "../../support/wait.ts";
import { FakeClock } from "./fake-clock.ts";

function checkOf(look: () => Observation | Promise<Observation>, more: Partial<Check> = {}): Check {
  return { deadlineMs: 5_000, look: async () => look(), ...more };
}

function found(status: HealthStatus, words = "words", steady = false): Observation {
  const steadiness = steady ? { steadiness: { looks: 3, ms: 0 } } : {};
  return { readings: [{ kind: "fact", id: "it", status, words, ...steadiness }], fine: "fine" };
}

const fine = checkOf(() => found("healthy"));
const others = { store: fine, database: fine, concurrency: fine, resources: fine, servers: fine };

test("a change during a check is looked at after it: a store that came back isn't called away", async (t) => {
  let away = true;
  const looked = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const store = checkOf(async () => {
    if (!away) return found("healthy");
    looked.resolve();
    await release.promise;
    return found("critical");
  });
  const monitor = new HealthMonitor({ ...others, store });
  t.after(() => monitor.dispose());
  const seen: string[] = [];
  t.after(monitor.onChanged(({ components }) => seen.push(components.store.status)).dispose);
  monitor.recheck("store");
  await looked.promise;
  away = false;
  monitor.recheck("store");
  monitor.recheck("store");
  release.resolve();
  await waitFor("the second look", () => seen.length === 2);
  assert.deepEqual(seen, ["critical", "healthy"]);
  assert.equal(monitor.latest?.status, "healthy");
});

test("checks asked for at the same time are one, told once", async (t) => {
  let looks = 0;
  const store = checkOf(() => {
    looks++;
    return found("critical", "Redis doesn't answer.");
  });
  const monitor = new HealthMonitor({ ...others, store });
  t.after(() => monitor.dispose());
  let told = 0;
  t.after(monitor.onChanged(() => told++).dispose);
  const [one, two] = await Promise.all([monitor.check(), monitor.check()]);
  assert.equal(one, two);
  assert.deepEqual([looks, told], [1, 1]);
  assert.deepEqual([one.status, one.components.store.status], ["critical", "critical"]);
  assert.equal(one.components.store.summary, "Redis doesn't answer.");
});

test("a check that hangs or fails is unknown at its own deadline, and holds no other up", async (t) => {
  const hanging = checkOf(() => new Promise(() => {}), { deadlineMs: 50 });
  const failing = checkOf(() => {
    throw new Error("no such file");
  });
  const monitor = new HealthMonitor({ ...others, database: hanging, resources: failing });
  t.after(() => monitor.dispose());
  const { status, components } = await monitor.check();
  assert.equal(status, "unknown");
  assert.match(components.database.summary, /could not be found out .* took longer than 50 ms/);
  assert.match(components.resources.summary, /could not be found out .*no such file/);
  assert.deepEqual([components.database.status, components.resources.status], ["unknown", "unknown"]);
  assert.deepEqual([components.store.status, components.servers.status], ["healthy", "healthy"]);
});

test("all are checked every five minutes; what is suspected every five seconds until it is sure, then its end", async (t) => {
  const clock = new FakeClock();
  let status: HealthStatus = "healthy";
  const looks: number[] = [];
  const servers = checkOf(() => {
    looks.push(clock.monotonic() / 1000);
    return found(status, "slow", true);
  });
  const monitor = new HealthMonitor({ ...others, servers }, clock);
  t.after(() => monitor.dispose());
  await clock.pass(299_000);
  assert.deepEqual(looks, []);
  status = "warning";
  await clock.pass(12_000);
  assert.deepEqual(looks, [300, 305, 310]);
  assert.equal(monitor.latest?.components.servers.status, "warning");
  await clock.pass(58_000);
  assert.deepEqual(looks.slice(3), []);
  status = "healthy";
  await clock.pass(1_000);
  assert.deepEqual(looks.slice(3), [370]);
  assert.equal(monitor.latest?.status, "healthy");
  await clock.pass(229_000);
  assert.deepEqual(looks.slice(4), []);
});

test("events that come thick and fast lead to two looks a second at most", async (t) => {
  const clock = new FakeClock();
  let looks = 0;
  const store = checkOf(() => {
    looks++;
    return found("healthy");
  });
  const monitor = new HealthMonitor({ ...others, store }, clock);
  t.after(() => monitor.dispose());
  for (let event = 0; event < 1_000; event++) {
    monitor.recheck("store");
    await clock.pass(10);
  }
  assert.ok(looks >= 15 && looks <= 21, `${looks} looks in 10 s`);
});

test("events that a check sets off itself are looked at less and less while the same is wrong, then at once", async (t) => {
  const clock = new FakeClock();
  let status: HealthStatus = "critical";
  const looks: number[] = [];
  const store = checkOf(() => {
    looks.push(clock.monotonic());
    monitor.recheck("store");
    return found(status);
  });
  const monitor = new HealthMonitor({ ...others, store }, clock);
  t.after(() => monitor.dispose());
  monitor.recheck("store");
  await clock.pass(60_000);
  assert.ok(looks.length <= 10, `${looks.length} looks in a minute`);
  status = "healthy";
  await clock.pass(10_000);
  assert.equal(monitor.latest?.components.store.status, "healthy");
});

test("what was never looked at is no state of the whole", async (t) => {
  const clock = new FakeClock();
  const database = { ...fine, firstAfterMs: 3_000 };
  const monitor = new HealthMonitor({ ...others, database }, clock);
  t.after(() => monitor.dispose());
  monitor.begin();
  await clock.pass(2_000);
  assert.deepEqual(
    [monitor.latest?.status, monitor.latest?.components.database.status],
    ["healthy", "unknown"],
  );
  await clock.pass(2_000);
  assert.equal(monitor.latest?.components.database.status, "healthy");
});
