import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { History } from "../../../daemon/resources/history.ts";

const minute = 60_000;
const begin = 1_000 * minute;

function sample(time: number, cpuPercent = 10, memoryBytes = 1000, processes = 1) {
  return { time, cpuPercent, memoryBytes, processes };
}

describe("The history of a session's use", () => {
  it("keeps single samples for ten minutes, and never more than that is at 5 s", () => {
    const history = new History();
    for (let time = begin; time <= begin + 30 * minute; time += 5_000) history.add(sample(time));
    const { samples } = history.read();
    assert.equal(samples.length, 120);
    assert.ok((samples[0]?.time ?? 0) >= begin + 20 * minute);
    for (let tick = 0; tick < 1_000; tick++) history.add(sample(begin + 30 * minute + tick));
    assert.equal(history.read().samples.length, 120);
  });

  it("drops samples of before a pause", () => {
    const history = new History();
    history.add(sample(begin));
    history.add(sample(begin + 11 * minute));
    assert.deepEqual(history.read().samples, [sample(begin + 11 * minute)]);
  });

  it("says what was used on average from a time on, else what was seen last", () => {
    const history = new History();
    assert.equal(history.averageFrom(begin), undefined);
    for (const [at, cpu] of [
      [0, 90],
      [minute, 10],
      [2 * minute, 30],
    ] as const)
      history.add(sample(begin + at, cpu));
    assert.equal(history.averageFrom(begin + minute)?.cpuPercent, 20);
    assert.equal(history.averageFrom(begin + 3 * minute)?.cpuPercent, 30);
  });

  it("sums each minute up by average and maximum, the one under way too", () => {
    const history = new History();
    history.add(sample(begin, 10, 100, 1));
    history.add(sample(begin + 59_999, 30, 300, 4));
    history.add(sample(begin + minute, 50, 500, 2));
    assert.deepEqual(history.read().minutes, [
      {
        time: begin,
        cpuPercent: { average: 20, max: 30 },
        memoryBytes: { average: 200, max: 300 },
        processes: { average: 2.5, max: 4 },
      },
      {
        time: begin + minute,
        cpuPercent: { average: 50, max: 50 },
        memoryBytes: { average: 500, max: 500 },
        processes: { average: 2, max: 2 },
      },
    ]);
  });

  it("keeps minutes for a day, whatever the clock does", () => {
    const history = new History();
    for (let at = 0; at < 30 * 60; at++) history.add(sample(begin + at * minute));
    const { minutes } = history.read();
    assert.equal(minutes.length, 24 * 60);
    assert.equal(minutes.at(-1)?.time, begin + (30 * 60 - 1) * minute);
    for (let at = 0; at < 30 * 60; at++) history.add(sample(begin - at * minute));
    assert.ok(history.read().minutes.length <= 24 * 60);
    history.add(sample(begin + 100_000 * minute));
    history.add(sample(begin + 100_001 * minute));
    assert.equal(history.read().minutes.length, 2);
  });
});
