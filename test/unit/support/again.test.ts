import assert from "node:assert/strict";
import { test } from "node:test";
import { replaced, runAgain } from "../../support/runner/again.ts";
import type { FileOutcome } from "../../support/runner/test-file.ts";

const outcome = (file: string, failed: number): FileOutcome => ({
  file,
  totals: { passed: 1, failed, skipped: 0 },
  elapsedMs: 1,
  report: "",
});

test("only what failed runs again, and its second outcome counts, whichever it is", async () => {
  const first = [outcome("a", 0), outcome("b", 1), outcome("c", 2), outcome("a tool", 1)];
  const asked: string[] = [];
  const run = (file: string, failed: number) => async () => {
    asked.push(file);
    return outcome(file, failed);
  };
  const runs = new Map([
    ["a", run("a", 0)],
    ["b", run("b", 0)],
    ["c", run("c", 1)],
  ]);
  const second = await runAgain(first, runs);
  assert.deepEqual(asked, ["b", "c"]);
  assert.deepEqual(
    replaced(first, second).map(({ file, totals }) => [file, totals.failed]),
    [
      ["a", 0],
      ["b", 0],
      ["c", 1],
      ["a tool", 1],
    ],
  );
});

test("where many failed, none runs again", async () => {
  const first = ["a", "b", "c", "d", "e", "f", "g"].map((file) => outcome(file, 1));
  const runs = new Map(first.map((one) => [one.file, async () => outcome(one.file, 0)]));
  assert.deepEqual(await runAgain(first, runs), []);
});
