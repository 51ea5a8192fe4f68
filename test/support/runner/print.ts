import { formatMs } from "../../../shared/base/deadline.ts";
import type { SecondRun } from "./again.ts";
import type { FileOutcome } from "./test-file.ts";
import { inWords } from "./totals.ts";

/** So many files are named as the slowest. */
const slowest = 10;

/** A line for a file that passed; the whole report for one that failed, or where details are wanted. */
export function printOutcome({ file, totals, elapsedMs, report }: FileOutcome, detailed: boolean): void {
  const mark = totals.failed === 0 ? "✔" : "✖";
  console.log(`${mark} ${file}: ${inWords(totals)} (${formatMs(elapsedMs)})`);
  if (detailed || totals.failed > 0) console.log(report.trimEnd().replace(/^/gm, "    "));
}

/** The files that took longest. */
export function printSlowest(outcomes: readonly FileOutcome[]): void {
  if (outcomes.length <= slowest) return;
  console.log("\nSlowest:");
  for (const { file, elapsedMs } of outcomes.toSorted((a, b) => b.elapsedMs - a.elapsedMs).slice(0, slowest))
    console.log(`  ${formatMs(elapsedMs).padStart(8)}  ${file}`);
}

/** Files that failed beside others and passed alone: tests that depend on speed, or a race that they found. */
export function printUnsteady(runs: readonly SecondRun[]): void {
  const unsteady = runs.filter(({ second }) => second.totals.failed === 0);
  if (unsteady.length === 0) return;
  console.log("\nUnsteady (failed beside others, passed alone; their reports are above):");
  for (const { first } of unsteady) console.log(`  ! ${first.file}: ${inWords(first.totals)} at first`);
}

/** What failed, once more, where it is easy to find: at the end. */
export function printFailures(outcomes: readonly FileOutcome[]): void {
  const failures = outcomes.filter(({ totals }) => totals.failed > 0);
  if (failures.length === 0) return;
  console.log("\nFailed:");
  for (const { file, totals } of failures) console.log(`  ✖ ${file}: ${inWords(totals)}`);
}
