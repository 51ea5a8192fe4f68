import assert from "node:assert/strict";
import { test } from "node:test";
import { concurrencyCheck } from "../../../daemon/health/checks/concurrency.ts";
import { HealthMonitor } from "../../../daemon/health/monitor.ts";
import { startRedis } from "../../support/redis.ts";
import { waitFor } from "../../support/wait.ts";
import { openInstance } from "../monitor/instance.ts";

test("a lock held too long: a warning in one check that names it, and well once it is released", async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  let limitMs = 600_000;
  const { locks, monitor, close } = await openInstance(redis.url, "here", { limitOf: () => limitMs });
  t.after(close);
  const fine = { deadlineMs: 1_000, look: async () => ({ readings: [], fine: "" }) };
  const health = new HealthMonitor({
    ...{ store: fine, database: fine, resources: fine, servers: fine },
    concurrency: concurrencyCheck(() => monitor.check()),
  });
  t.after(() => health.dispose());
  const concurrency = async () => (await health.check()).components.concurrency;
  const release = Promise.withResolvers<void>();
  const terms = { ttlMs: 10_000, waitMs: 1_000, owner: "somebody slow" };
  const holding = locks.withLock("slow:{sb}", terms, () => release.promise);
  await waitFor("the lock", async () => (await locks.list()).length === 1);
  assert.deepEqual(
    [(await concurrency()).status, (await concurrency()).summary],
    ["healthy", "1 lock held, 0 waiting"],
  );
  limitMs = 300;
  await waitFor("it to be held too long", async () => ((await locks.list())[0]?.heldMs ?? 0) > 350);
  const { status, summary } = await concurrency();
  assert.equal(status, "warning");
  assert.match(
    summary,
    /^somebody slow has held the lock slow:\{sb\} for more than 300 ms\. .*break the lock/,
  );
  release.resolve();
  await holding;
  assert.equal((await concurrency()).status, "healthy");
  await redis.kill();
  assert.equal((await concurrency()).status, "unknown", "no one knows");
});
