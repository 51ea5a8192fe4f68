import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LiveAttempts } from "../../../daemon/monitor/live-attempts.ts";
import { findCycles, type Participant } from "../../../daemon/monitor/wait-graph.ts";
import { attempted, granted, queued, released } from "./samples.ts";

const sure = () => 1;

function work(holder: string, holds: readonly string[], waits: readonly string[], since = 0): Participant {
  return {
    holder,
    owner: `work ${holder}`,
    holds: holds.map((key) => ({ key, fence: 1 })),
    waits: waits.map((key) => ({ key, since })),
  };
}

test("three that wait for each other are one cycle, each with the lock it holds and the one it waits for", () => {
  const ring = [work("c", ["3"], ["1"]), work("a", ["1"], ["2"]), work("b", ["2"], ["3"])];
  const steps = findCycles(ring, sure).map((cycle) =>
    cycle.map(({ holder, holds, waitsFor }) => [holder, holds, waitsFor]),
  );
  assert.deepEqual(steps, [
    [
      ["a", "1", "2"],
      ["b", "2", "3"],
      ["c", "3", "1"],
    ],
  ]);
});

test("work that waits for its own lock is a cycle of one", () => {
  const [cycle] = findCycles([work("a", ["1"], ["1"])], sure);
  assert.deepEqual(
    cycle?.map(({ holds, waitsFor }) => [holds, waitsFor]),
    [["1", "1"]],
  );
});

test("a chain is no cycle, however long", () => {
  const chain = Array.from({ length: 50 }, (_, i) => work(`w${i}`, [`${i}`], [`${i + 1}`]));
  assert.deepEqual(findCycles(chain, sure), []);
});

test("what the store doesn't confirm by its fence is not held: late word of a release makes no cycle", () => {
  const pair = [work("a", ["1"], ["2"]), work("b", ["2"], ["1"])];
  assert.equal(findCycles(pair, sure).length, 1);
  assert.deepEqual(
    findCycles(pair, (key) => (key === "1" ? 2 : 1)),
    [],
  );
  assert.deepEqual(
    findCycles(pair, () => undefined),
    [],
  );
});

/** Up to 8 pieces of work over 10 locks, each lock held by one at most. */
const situations = fc
  .tuple(
    fc.array(fc.nat(7), { minLength: 10, maxLength: 10 }),
    fc.array(fc.uniqueArray(fc.nat(9), { maxLength: 3 }), { minLength: 8, maxLength: 8 }),
  )
  .map(([holderOf, waits]) =>
    waits.map((keys, index) =>
      work(
        `w${index}`,
        holderOf.flatMap((holder, key) => (holder === index ? [`${key}`] : [])),
        keys.map(String),
      ),
    ),
  );

/** Who can reach itself, by repeated multiplication of the reachability relation. */
function naively(participants: readonly Participant[]): Map<string, Set<string>> {
  const reach = new Map(
    participants.map(({ holder, waits }) => [
      holder,
      new Set(
        participants
          .filter(({ holds }) => holds.some(({ key }) => waits.some((wait) => wait.key === key)))
          .map((one) => one.holder),
      ),
    ]),
  );
  for (let round = 0; round < participants.length; round++) {
    for (const far of reach.values()) {
      for (const over of [...far]) for (const next of reach.get(over) ?? []) far.add(next);
    }
  }
  return reach;
}

test("every knot a naive search finds is named by exactly one real cycle, whatever the order", () => {
  fc.assert(
    fc.property(situations, fc.nat(), (participants, turn) => {
      const reach = naively(participants);
      const entangled = [...reach].filter(([holder, far]) => far.has(holder)).map(([holder]) => holder);
      const knots = new Set(
        entangled.map((one) =>
          entangled.filter((other) => reach.get(one)?.has(other) && reach.get(other)?.has(one)).join(),
        ),
      );
      const cycles = findCycles(participants, sure);
      assert.equal(cycles.length, knots.size);
      for (const cycle of cycles) {
        assert.equal(new Set(cycle.map(({ holder }) => holder)).size, cycle.length, "none twice");
        for (const [index, step] of cycle.entries()) {
          const self = participants.find(({ holder }) => holder === step.holder);
          const next = participants.find(
            ({ holder }) => holder === cycle[(index + 1) % cycle.length]?.holder,
          );
          assert.ok(self?.holds.some(({ key }) => key === step.holds));
          assert.ok(self?.waits.some(({ key }) => key === step.waitsFor));
          assert.ok(next?.holds.some(({ key }) => key === step.waitsFor));
        }
      }
      const turned = [...participants.slice(turn % 8), ...participants.slice(0, turn % 8)];
      assert.deepEqual(findCycles(turned, sure), cycles);
    }),
    { numRuns: 500 },
  );
});

test("only work that holds while it waits takes part; it leaves when it gives either up", () => {
  const live = new LiveAttempts();
  const first = { key: "1", attempt: 1 };
  const second = { key: "2", attempt: 2 };
  assert.equal(live.observe(attempted(first)), false);
  assert.equal(live.observe(granted({ ...first, fence: 7 })), false);
  assert.equal(live.observe(attempted(second)), false);
  assert.deepEqual(live.participants(), []);
  assert.equal(live.observe(queued({ ...second, at: 5 })), true);
  assert.deepEqual(live.participants(), [
    { holder: "h", owner: "me", holds: [{ key: "1", fence: 7 }], waits: [{ key: "2", since: 5 }] },
  ]);
  assert.equal(live.observe(granted(second)), true);
  assert.deepEqual(live.participants(), []);
  live.observe(released(second));
  live.observe(released(first));
  assert.deepEqual([...live.byKey()], []);
});
