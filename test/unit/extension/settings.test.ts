import assert from "node:assert/strict";
import { test } from "node:test";
import { readSettings } from "../../../extension/contributions/settings.ts";

test("a setting of the wrong type counts as not set", () => {
  const wrong: Record<string, unknown> = {
    redisUrl: 7,
    notifications: "loud",
    onReady: "yes",
    agentTools: 1,
    statusBarApps: "web",
  };
  assert.deepEqual(
    readSettings((name) => wrong[name]),
    {
      ...{ redisUrl: "", notifications: "problems", onReady: "notify" },
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
    onReady: "preview",
    agentTools: "off",
    statusBarApps: ["api"],
  };
  assert.deepEqual(
    readSettings((name) => set[name]),
    {
      ...{ redisUrl: "redis://x", notifications: "all", onReady: "preview" },
      ...{ agentTools: "off", healthThresholds: null, statusBarApps: ["api"] },
    },
  );
});

test("what opened the browser before does so until the new setting is set", () => {
  const onReady = (set: Record<string, unknown>) => readSettings((name) => set[name]).onReady;
  assert.equal(onReady({ openOnReady: true }), "browser");
  assert.equal(onReady({ openOnReady: true, onReady: "nothing" }), "nothing");
  assert.equal(onReady({ openOnReady: false }), "notify");
});
