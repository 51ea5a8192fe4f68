import assert from "node:assert/strict";
import { test } from "node:test";
import { runCampaign } from "./campaign.ts";
import { check } from "./check.ts";
import type { Attempt, Fault, History } from "./events.ts";

/** Replay with DEVLATCH_SEED; a long campaign with DEVLATCH_SECONDS. */
const seed = Number(process.env["DEVLATCH_SEED"]) || Math.floor(Math.random() * 1e6);
const seconds = Number(process.env["DEVLATCH_SECONDS"]) || 10;

const campaigns: readonly (readonly [string, readonly Fault["kind"][]])[] = [
  ["owners are killed and connections and replies cut", ["kill", "cut", "cut replies", "redis pause"]],
  ["Redis loses its data and connections are cut", ["restart", "flush", "cut", "cut replies"]],
  [
    "owners are frozen and killed and all the rest",
    ["kill", "pause", "cut replies", "redis pause", "restart", "flush"],
  ],
];

for (const [what, faults] of campaigns) {
  test(`locks keep their promises while ${what}`, async (t) => {
    const history = await runCampaign({ seed, seconds, faults });
    const verdict = check(history);
    t.diagnostic(
      `seed ${seed}: ${history.attempts.length} attempts, ${verdict.grants} grants, ${history.faults.length} faults, ` +
        `${verdict.refusedWrites} writes refused by fence, ${verdict.excusedOverlaps} overlaps nobody can rule out`,
    );
    assert.ok(verdict.grants > 20, `${verdict.grants} grants`);
    assert.deepEqual(verdict.problems.slice(0, 10), [], `seed ${seed}`);
  });
}

test("the check finds what must not be", () => {
  const grant = (id: string, fence: number, from: number, to: number, invokedAt = from - 1): Attempt => {
    const worker = Number(id);
    return {
      ...{ id, worker, key: "k", invokedAt, grantedAt: from, fence, stoppedAt: to },
      ...{ outcome: "ok", accepted: 1, refused: 0 },
    };
  };
  const verdict = (attempts: readonly Attempt[], faults: readonly Fault[] = []) =>
    check({ seed: 0, ttlMs: 10, attempts, faults } satisfies History).problems.join("\n");
  assert.equal(verdict([grant("1", 5, 0, 10), grant("2", 6, 20, 30)]), "");
  assert.match(verdict([grant("1", 5, 0, 10), grant("2", 5, 20, 30)]), /got the fence/);
  assert.match(verdict([grant("1", 5, 0, 10), grant("2", 4, 20, 30)]), /not above/);
  assert.match(verdict([grant("1", 5, 0, 10), grant("2", 6, 9, 30)]), /held it at once/);
  const { outcome: _outcome, ...open } = grant("1", 5, 0, 10);
  assert.match(verdict([open]), /never ended/);
  const frozen: Fault = { kind: "pause", worker: 1, from: 5, to: 8 };
  assert.equal(verdict([grant("1", 5, 0, 10), grant("2", 6, 9, 30)], [frozen]), "");
  assert.match(verdict([grant("1", 5, 0, 10), grant("2", 6, 9, 30)], [{ ...frozen, worker: 3 }]), /at once/);
});
