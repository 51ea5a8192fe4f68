import assert from "node:assert/strict";
import { test } from "node:test";
import { runCampaign } from "./campaign.ts";
import { check } from "./check.ts";
import type { Attempt, Fault, History } from "./events.ts";

/** Replay with DEVLATCH_SEED; a long campaign with DEVLATCH_SECONDS (of each). */
const seed = Number(process.env["DEVLATCH_SEED"]) || Math.floor(Math.random() * 1e6);
const seconds = Number(process.env["DEVLATCH_SECONDS"]) || 8;

const campaigns: readonly (readonly [string, readonly Fault["kind"][]])[] = [
  ["only owners are killed and clocks are set wrong", ["kill", "skew"]],
  ["owners are killed and connections and replies cut", ["kill", "cut", "cut replies", "redis pause"]],
  ["Redis loses its data and connections are cut", ["restart", "flush", "cut", "cut replies", "skew"]],
  ["Sentinel fails over", ["failover", "kill", "cut"]],
  [
    "owners are frozen and killed and all the rest",
    ["kill", "pause", "cut replies", "redis pause", "restart", "flush", "skew"],
  ],
];

for (const [what, faults] of campaigns) {
  test(`locks keep their promises while ${what}`, async (t) => {
    let history = await runCampaign({ seed, seconds, faults });
    // A machine that is busy with other things grants few locks in that time: it takes longer there.
    for (let longer = seconds * 4; check(history).grants <= 20 && longer < 200; longer *= 4) {
      history = await runCampaign({ seed, seconds: longer, faults });
    }
    const verdict = check(history);
    t.diagnostic(
      `seed ${seed}: ${verdict.operations} operations, ${verdict.grants} grants, ${history.faults.length} faults, ` +
        `${verdict.ordered} places in the queue compared, ${verdict.refusedWrites} writes refused by fence, ` +
        `${verdict.excusedOverlaps} overlaps that can't be ruled out`,
    );
    assert.ok(verdict.grants > 20, `${verdict.grants} grants`);
    assert.deepEqual(verdict.problems.slice(0, 10), [], `seed ${seed}`);
  });
}

function grant(id: string, fence: number, from: number, to: number, more: Partial<Attempt> = {}): Attempt {
  return {
    ...{ id, worker: Number(id), key: "k", invokedAt: from - 1, grantedAt: from, fence, stoppedAt: to },
    ...{ outcome: "ok", accepted: 1, refused: 0, stale: 0 },
    ...more,
  };
}

function problems(attempts: readonly Attempt[], faults: readonly Fault[] = []): string {
  return check({ seed: 0, ttlMs: 10, attempts, faults } satisfies History).problems.join("\n");
}

test("the check finds what must not be", () => {
  assert.equal(problems([grant("1", 5, 0, 10), grant("2", 6, 20, 30)]), "");
  assert.match(problems([grant("1", 5, 0, 10), grant("2", 5, 20, 30)]), /got the fence/);
  assert.match(problems([grant("1", 5, 0, 10), grant("2", 4, 20, 30)]), /not above/);
  assert.match(problems([grant("1", 5, 0, 10), grant("2", 6, 9, 30)]), /held it at once/);
  assert.match(problems([grant("1", 5, 0, 10, { stale: 1 })]), /wrote after a later holder/);
  const { outcome: _outcome, ...open } = grant("1", 5, 0, 10);
  assert.match(problems([open]), /never ended/);
  const frozen: Fault = { kind: "pause", worker: 1, from: 5, to: 8 };
  assert.equal(problems([grant("1", 5, 0, 10), grant("2", 6, 9, 30)], [frozen]), "");
  assert.match(problems([grant("1", 5, 0, 10), grant("2", 6, 9, 30)], [{ ...frozen, worker: 3 }]), /at once/);
});

test("the check finds who was overtaken in the queue, but for faults that cost a place", () => {
  const queued = grant("1", 7, 100, 110, { invokedAt: 0, queuedAt: 5 });
  const later = grant("2", 6, 50, 60, { invokedAt: 10 });
  assert.match(problems([queued, later]), /^2 .* overtook 1 /);
  assert.equal(problems([queued, { ...later, invokedAt: 4 }]), "", "asked before the other was queued");
  assert.equal(problems([queued, { ...later, fence: 8, grantedAt: 120, stoppedAt: 130 }]), "");
  assert.equal(problems([queued, later], [{ kind: "cut", from: 20, to: 21 }]), "");
  assert.match(problems([queued, later], [{ kind: "kill", worker: 3, from: 20, to: 21 }]), /overtook/);
});
