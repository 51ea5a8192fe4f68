import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ProcessUsage } from "../../../daemon/processes/processes.ts";
import { cpuBetween, memoryOf } from "../../../daemon/resources/consumption.ts";

function used(pid: number, cpuMs: number, childrenCpuMs = 0, startTime = "boot:1"): ProcessUsage {
  return { pid, startTime, cpuMs, childrenCpuMs, memoryBytes: 1000 };
}

describe("CPU time between two looks", () => {
  it("is what each member gained, and all of a new one", () => {
    assert.equal(cpuBetween([used(1, 100), used(2, 50)], [used(1, 130), used(2, 50), used(3, 7)]), 37);
  });

  it("counts a child that ended once, though its parent then shows all of it", () => {
    const before = [used(1, 100), used(2, 5000)];
    assert.equal(cpuBetween(before, [used(1, 110, 5200)]), 10 + 200);
  });

  it("counts children that came and went between the looks", () => {
    assert.equal(cpuBetween([used(1, 100, 40)], [used(1, 100, 340)]), 300);
  });

  it("isn't less than nothing where no process of the tree waited for one that ended", () => {
    assert.equal(cpuBetween([used(1, 100), used(2, 5000)], [used(1, 120)]), 20);
  });

  it("takes another process with the same pid for a new one", () => {
    assert.equal(cpuBetween([used(1, 500)], [used(1, 30, 0, "boot:2")]), 30);
  });
});

describe("Memory of a tree", () => {
  it("is that of all its members", () => {
    assert.equal(memoryOf([used(1, 0), used(2, 0)]), 2000);
    assert.equal(memoryOf([]), 0);
  });
});
