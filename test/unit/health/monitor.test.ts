import assert from "node:assert/strict";
import { test } from "node:test";
import type { Check } from "../../../daemon/health/contract.ts";
import { HealthMonitor } from "../../../daemon/health/monitor.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";
import { waitFor } from "../../support/wait.ts";

const fine: Check = async () => ({ status: "healthy", summary: "fine" });
const others = { database: fine, concurrency: fine, resources: fine, servers: fine };

test("a change during a check is looked at after it: a store that came back isn't called away", async (t) => {
  let away = true;
  const looked = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const store: Check = async () => {
    if (!away) return { status: "healthy", summary: "answers" };
    looked.resolve();
    await release.promise;
    throw new DevlatchError("STORE_UNAVAILABLE", "Redis doesn't answer.", "Start it.");
  };
  const monitor = new HealthMonitor({ ...others, store });
  t.after(() => monitor.dispose());
  const seen: string[] = [];
  t.after(monitor.onChanged(({ components }) => seen.push(components.store.status)).dispose);
  monitor.recheck();
  await looked.promise;
  away = false;
  monitor.recheck();
  monitor.recheck();
  release.resolve();
  await waitFor("the second look", () => seen.length === 2);
  assert.deepEqual(seen, ["critical", "healthy"]);
  assert.equal(monitor.latest?.status, "healthy");
});

test("checks asked for at the same time are one, and a failing one is a result", async (t) => {
  let looks = 0;
  const store: Check = async () => {
    looks++;
    throw new DevlatchError("STORE_UNAVAILABLE", "Redis doesn't answer.", "Start it.");
  };
  const monitor = new HealthMonitor({ ...others, store });
  t.after(() => monitor.dispose());
  const [one, two] = await Promise.all([monitor.check(), monitor.check()]);
  assert.equal(one, two);
  assert.equal(looks, 1);
  assert.deepEqual([one.status, one.components.store.status], ["critical", "critical"]);
  assert.equal(one.components.store.summary, "Redis doesn't answer. Start it.");
});
