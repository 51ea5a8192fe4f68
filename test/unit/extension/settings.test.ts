import assert from "node:assert/strict";
import { test } from "node:test";
import { readSettings } from "../../../extension/contributions/settings.ts";

test("a setting of the wrong type counts as not set", () => {
  const wrong: Record<string, unknown> = {
    redisUrl: 7,
    notifications: "loud",
    openOnReady: "yes",
    agentTools: 1,
    statusBarApps: "web",
  };
  assert.deepEqual(
    readSettings((name) => wrong[name]),
    {
      ...{ redisUrl: "", notifications: "problems", openOnReady: false },
      ...{ agentTools: "tools", healthThresholds: null, statusBarApps: ["*"] },
    },
  );
});

test("what was none is off now", () => {
  for (const [set, means] of [
    ["none", "off"],
    ["critical", "critical"],
    ["off", "off"],
  ])
    assert.equal(readSettings((name) => (name === "notifications" ? set : undefined)).notifications, means);
});

test("what the user set is used", () => {
  const set: Record<string, unknown> = {
    redisUrl: " redis://x ",
    notifications: "all",
    openOnReady: true,
    agentTools: "off",
    statusBarApps: ["api"],
  };
  assert.deepEqual(
    readSettings((name) => set[name]),
    {
      ...{ redisUrl: "redis://x", notifications: "all", openOnReady: true },
      ...{ agentTools: "off", healthThresholds: null, statusBarApps: ["api"] },
    },
  );
});
