import assert from "node:assert/strict";
import { test } from "node:test";
import { Breaker } from "../../../daemon/resources/breaker.ts";
import type { TreeSample } from "../../../daemon/resources/tree-source.ts";
import type { Limits } from "../../../shared/model/app.ts";

const megabyte = 1024 * 1024;
const sample = (given: Partial<TreeSample>): TreeSample => ({
  ...{ key: "sb/web", launchId: "one", time: 0, cpuPercent: 0, memoryBytes: megabyte, processes: 3 },
  ...given,
});
const judge = (breaker: Breaker, given: Partial<TreeSample>, limits?: Limits) =>
  breaker.judge([sample(given)], () => limits).map(({ why }) => why);

test("a tree that is too large in two looks in a row is named, with the figures", () => {
  const breaker = new Breaker(1000 * megabyte);
  assert.deepEqual(judge(breaker, { processes: 1_001 }), []);
  assert.deepEqual(judge(breaker, { processes: 1_200 }), ["it had 1200 processes, and 1000 are its limit"]);
  assert.deepEqual(judge(breaker, { memoryBytes: 801 * megabyte }), [
    "it used 801 MB of memory, and 800 MB are its limit",
  ]);
});

test("a moment is forgiven, and a new launch begins anew", () => {
  const breaker = new Breaker();
  assert.deepEqual(judge(breaker, { processes: 2_000 }), []);
  assert.deepEqual(judge(breaker, { processes: 10 }), []);
  assert.deepEqual(judge(breaker, { processes: 2_000 }), []);
  assert.deepEqual(judge(breaker, { processes: 2_000, launchId: "two" }), []);
});

test("configuration lowers and raises the limits; servers started by hand are left alone", () => {
  const breaker = new Breaker(1000 * megabyte);
  const limits = { processes: 5, memoryMb: 5_000 };
  judge(breaker, { processes: 6 }, limits);
  assert.equal(judge(breaker, { processes: 6 }, limits).length, 1);
  judge(breaker, { memoryBytes: 900 * megabyte }, limits);
  assert.deepEqual(judge(breaker, { memoryBytes: 900 * megabyte }, limits), []);
  judge(breaker, { processes: 2_000, launchId: undefined });
  assert.deepEqual(judge(breaker, { processes: 2_000, launchId: undefined }), []);
});
