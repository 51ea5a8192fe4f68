import assert from "node:assert/strict";
import { test } from "node:test";
import { comesBackMs } from "../../../daemon/servers/coming-back.ts";
import type { BuildView } from "../../../shared/model/output.ts";
import type { SessionState } from "../../../shared/model/session.ts";

const now = 50_000;
const error = { code: "CRASHED", message: "It crashed.", remedy: "Mend it.", logTail: [] };
const crashed: SessionState = { kind: "crashed", since: 40_000, error };
const after = (status: BuildView["status"], since: number, state = crashed) => {
  const build = { status, since, seq: 1, errors: [], errorCount: 0, warnings: 0, skipped: 0 };
  return comesBackMs({ state }, { build }, now);
};

test("a crashed server is waited for while its watcher builds it anew, and a while after", () => {
  assert.equal(after("compiling", 49_000), Number.POSITIVE_INFINITY);
  assert.equal(after("clean", 48_000), 8_000);
});

test("it isn't where its build failed, was of before the crash or is long over", () => {
  assert.equal(after("failed", 48_000), 0);
  assert.equal(after("clean", 39_000), 0);
  assert.equal(after("clean", 40_001), 1);
  assert.equal(comesBackMs({ state: crashed }, undefined, now), 0);
  const silent: SessionState = { kind: "crashed", since: 10_000, error };
  assert.equal(after("clean", 11_000, silent), 0);
});
