import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reading } from "../../../daemon/health/check.ts";
import { step, type Track } from "../../../daemon/health/hysteresis.ts";
import { describe, judge, judgeFailure, noJudgement } from "../../../daemon/health/judgement.ts";
import { type HealthStatus, lastingStatus } from "../../../shared/model/health.ts";

const steadiness = { looks: 3, ms: 30_000 };
const second = 1_000;

function fact(status: HealthStatus, more: Partial<Reading> = {}): Reading {
  return { kind: "fact", id: "thing", words: `it is ${status}`, status, ...more } as Reading;
}

function measure(value: number, recent = value): Reading {
  return {
    ...{ kind: "measure", id: "thing", unit: "%", words: `${value} %`, value, recent, margin: 5 },
    threshold: { warning: 70, critical: 90 },
  };
}

/** What is shown look after look, each so many milliseconds after the one before. */
function shown(readings: readonly Reading[], everyMs = 10 * second): HealthStatus[] {
  let track: Track | undefined;
  return readings.map((reading, index) => {
    track = step(track, reading, index * everyMs);
    return track.shown;
  });
}

test("what is sure is shown at the first look, and is over at the first good one", () => {
  const states = shown([fact("healthy"), fact("critical"), fact("critical"), fact("healthy")]);
  assert.deepEqual(states, ["healthy", "critical", "critical", "healthy"]);
});

test("what may be noise is shown after so many looks and so long a time, whichever comes last", () => {
  const bad = fact("warning", { steadiness });
  assert.deepEqual(shown([bad, bad, bad, bad, bad]), ["healthy", "healthy", "healthy", "warning", "warning"]);
  assert.deepEqual(shown([bad, bad, bad], 60 * second), ["healthy", "healthy", "warning"]);
  assert.deepEqual(shown([bad, bad, bad, bad], second), Array(4).fill("healthy"));
});

test("one good look ends a suspicion", () => {
  const [bad, good] = [fact("warning", { steadiness }), fact("healthy", { steadiness })];
  const states = shown([bad, bad, bad, good, bad, bad, bad, good, bad, bad]);
  assert.deepEqual(new Set(states), new Set(["healthy"]));
});

test("of what was found while it was suspected the mildest counts", () => {
  const readings = (["critical", "warning", "critical", "critical"] as const).map((status) =>
    fact(status, { steadiness }),
  );
  assert.deepEqual(shown(readings), ["healthy", "healthy", "healthy", "warning"]);
});

test("a measure is well again only when it is clearly below its threshold", () => {
  const states = shown([69, 70, 69, 66, 64.9, 69, 91, 86, 84, 66, 64].map((value) => measure(value)));
  assert.deepEqual(states, [
    ...["healthy", "warning", "warning", "warning", "healthy", "healthy"],
    ...["critical", "critical", "warning", "warning", "healthy"],
  ]);
});

test("a measure that wanders about its threshold changes its state once", () => {
  const wandering = Array.from({ length: 1_000 }, (_, index) => measure(70 + 4 * Math.sin(index + 4)));
  const states = shown(wandering);
  const changes = states.filter((state, index) => index > 0 && state !== states[index - 1]);
  assert.equal(changes.length, 1);
});

test("what has to last decides when it gets worse, the last moments when it is better", () => {
  const states = shown([measure(80, 80), measure(30, 69), measure(30, 50), measure(30, 90)]);
  assert.deepEqual(states, ["warning", "warning", "healthy", "healthy"]);
});

test("a warning that goes on for too long is critical, and stays so until it is over", () => {
  const hanging = fact("warning", { steadiness: { ...steadiness, criticalAfterMs: 60 * second } });
  const states = shown([...Array(12).fill(hanging), fact("healthy")]);
  assert.deepEqual(states, [
    ...Array(3).fill("healthy"),
    ...Array(6).fill("warning"),
    ...Array(3).fill("critical"),
    "healthy",
  ]);
});

test("a look that fails makes nothing healthy: what was bad still counts, all else is unknown", () => {
  const fine = judge(noJudgement, { readings: [fact("healthy")] }, 1);
  const unseen = judgeFailure(fine, "it could not be found out", 2);
  assert.deepEqual([unseen.status, unseen.since], ["unknown", 2]);
  const bad = judge(unseen, { readings: [fact("critical")] }, 3);
  const still = judgeFailure(bad, "it could not be found out", 4);
  assert.deepEqual([still.status, still.since], ["critical", 3]);
  const { summary, findings } = describe(still, { fine: "fine" });
  assert.equal(summary, "it is critical · it could not be found out");
  assert.deepEqual(
    findings?.map(({ status, since }) => [status, since]),
    [
      ["critical", 3],
      ["unknown", 4],
    ],
  );
  assert.equal(judge(still, { readings: [fact("healthy")] }, 5).status, "healthy");
});

test("a component is as bad as the worst in it, and what is no longer named is over", () => {
  const readings = [fact("warning"), { ...fact("critical"), id: "other" }];
  const both = judge(noJudgement, { readings }, 1);
  assert.equal(describe(both, { fine: "fine" }).summary, "it is critical · it is warning");
  const one = judge(both, { readings: [fact("warning")] }, 2);
  assert.deepEqual([one.status, describe(one, { fine: "" }).findings?.length], ["warning", 1]);
  assert.equal(judge(one, { readings: [] }, 3).status, "healthy");
});

test("what may pass is shown and counts for nothing, and makes way for what it becomes", () => {
  const passing: Reading = { ...fact("warning"), id: "busy:now", precedes: "busy" };
  const lasting: Reading = { ...fact("critical"), id: "busy" };
  const other: Reading = { ...fact("warning"), id: "other" };
  const shownFor = (...readings: readonly Reading[]) => {
    const { status, findings = [] } = describe(judge(noJudgement, { readings }, 1), { fine: "fine" });
    const component = { status, findings, summary: "", latencyMs: 0 };
    return { status, lasting: lastingStatus(component), ids: findings.map(({ id }) => id) };
  };
  assert.deepEqual(shownFor(passing), { status: "warning", lasting: "healthy", ids: ["busy:now"] });
  assert.deepEqual(shownFor(passing, lasting), { status: "critical", lasting: "critical", ids: ["busy"] });
  assert.deepEqual(shownFor(passing, other), {
    ...{ status: "warning", lasting: "warning", ids: ["other", "busy:now"] },
  });
  assert.deepEqual(shownFor({ ...passing, status: "healthy" } as Reading), {
    ...{ status: "healthy", lasting: "healthy", ids: [] },
  });
});

test("what was measured is told with its thresholds; what may just pass only until the lasting is measured", () => {
  const passing = {
    ...measure(40),
    ...{ id: "now", precedes: "thing", threshold: { warning: 70, critical: Number.POSITIVE_INFINITY } },
  };
  const measures = (...readings: Reading[]) =>
    describe(judge(noJudgement, { readings }, 1), { fine: "" }).measures;
  const told = { unit: "%", words: "40 %", warning: 70, critical: 70 };
  assert.deepEqual(measures(passing, fact("healthy", { id: "other" })), [{ id: "now", ...told }]);
  assert.deepEqual(measures(passing, measure(12)), [
    { id: "thing", unit: "%", words: "12 %", warning: 70, critical: 90 },
  ]);
});
