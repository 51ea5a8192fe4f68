import assert from "node:assert/strict";
import { test } from "node:test";
import { alertText } from "../../../daemon/cli/verbs/alert-text.ts";
import { watchText } from "../../../daemon/cli/verbs/watch-locks.ts";
import { applyDelta } from "../../../shared/model/apply-delta.ts";
import { noConcurrency } from "../../../shared/model/concurrency.ts";
import { Snapshot } from "../../../shared/model/snapshot.ts";

const plain = (_format: unknown, text: string) => text;
const timing = { count: 3, p50: 2, p99: 40, max: 41 };
const empty = { epoch: "e", revision: 1, sessions: [], locks: [], health: null };

test("the watch shows held locks first, then those used lately, with their ages counted on", () => {
  const snapshot = Snapshot.parse({
    ...empty,
    locksAt: 1_000,
    locks: [{ key: "busy", owner: "ada", fence: 3, heldMs: 1_000, ttlMs: 9, waiters: 2, silentMs: 0 }],
    concurrency: {
      ...noConcurrency,
      keys: [
        {
          key: "idle",
          attempts: 4,
          grants: 3,
          failures: 1,
          holder: null,
          waiters: 0,
          wait: timing,
          hold: timing,
        },
      ],
    },
  });
  const [, busy, idle] = watchText(snapshot, 1_500, plain).split("\n");
  assert.match(busy ?? "", /^busy +ada +1\.5 s +2 +0 +0$/);
  assert.match(idle ?? "", /^idle +4 +1 +2 ms \/ 40 ms +2 ms \/ 40 ms$/);
});

test("an alert says what is wrong and the way out, and owners can't paint the terminal", () => {
  const alert = { id: "x", kind: "potential_deadlock", severity: "warning", keys: ["k"], since: 1 } as const;
  const text = alertText({ ...alert, keys: ["k"], message: "a\u001b[31mb", remedy: "Cancel it." }, plain);
  assert.equal(text, "potential deadlock: ab\nCancel it.");
});

test("a change of locks brings the moment in which they were read", () => {
  const before = Snapshot.parse({ ...empty, locksAt: 1 });
  const next = applyDelta(before, { revision: 2, change: { kind: "locks", locks: [], at: 9 } });
  assert.equal(next.locksAt, 9);
});

test("a snapshot of a daemon that doesn't know of alerts has none; a change brings them", () => {
  const snapshot = Snapshot.parse(empty);
  assert.deepEqual(snapshot.concurrency, noConcurrency);
  const concurrency = { ...noConcurrency, windowMs: 7 };
  const next = applyDelta(snapshot, { revision: 2, change: { kind: "concurrency", concurrency } });
  assert.deepEqual([next.revision, next.concurrency], [2, concurrency]);
});
