import assert from "node:assert/strict";
import { it } from "node:test";
import { isResting, pauseMs } from "../../../daemon/resources/sampling-pace.ts";
import type { Resources } from "../../../shared/model/resources.ts";

const sample = (more: Partial<Resources> = {}): Resources => ({
  ...{ time: 0, cpuPercent: 0.3, memoryBytes: 100 * 1024 ** 2, processes: 3 },
  ...more,
});

it("A tree rests that uses next to nothing, and neither grows nor forks", () => {
  assert.ok(isResting(sample(), sample({ cpuPercent: 1, memoryBytes: 100.5 * 1024 ** 2 })));
  assert.ok(!isResting(sample(), sample({ cpuPercent: 5 })));
  assert.ok(!isResting(sample(), sample({ memoryBytes: 110 * 1024 ** 2 })));
  assert.ok(!isResting(sample(), sample({ processes: 4 })));
  assert.ok(!isResting(undefined, sample()), "one that was never looked at before");
});

it("Trees that rest are looked at less and less, but at least every twenty seconds", () => {
  const pauses = [0, 2, 3, 6, 9, 1_000].map((rounds) => pauseMs(5_000, rounds));
  assert.deepEqual(pauses, [5_000, 5_000, 10_000, 15_000, 20_000, 20_000]);
});
