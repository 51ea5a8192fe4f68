import assert from "node:assert/strict";
import { test } from "node:test";
import { agedBy, ownerEvidence } from "../../../shared/model/lock.ts";

test("a user who breaks a lock is told whether its owner lives, and when it expires by itself", () => {
  const lock = { key: "k", owner: "ada", fence: 1, heldMs: 90_000, ttlMs: 25_000, waiters: 0 };
  assert.match(ownerEvidence({ ...lock, silentMs: 1_200 }), /renewed it 1\.2 s ago, so it lives.*given up/);
  const silent = ownerEvidence({ ...lock, silentMs: 35_000 });
  assert.match(silent, /not renewed it for 35 s: it is dead, frozen or cut off.*by itself in 25 s/);
});

test("a lock that was heard of a while ago is older, expires sooner, and has been silent longer", () => {
  const lock = { key: "k", owner: "ada", fence: 1, heldMs: 1, ttlMs: 4_000, waiters: 0, silentMs: 0 };
  assert.deepEqual(agedBy(lock, 3_000), { ...lock, heldMs: 3_001, ttlMs: 1_000, silentMs: 3_000 });
  assert.equal(agedBy(lock, 5_000).ttlMs, 0);
});
