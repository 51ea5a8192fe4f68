import { formatMs } from "../../../shared/base/deadline.ts";
import type { FileOutcome } from "./test-file.ts";
import { inWords } from "./totals.ts";

/** A line for a file that passed; the whole report for one that failed, or where details are wanted. */
export function printOutcome({ file, totals, elapsedMs, report }: FileOutcome, detailed: boolean): void {
  const mark = totals.failed === 0 ? "✔" : "✖";
  console.log(`${mark} ${file}: ${inWords(totals)} (${formatMs(elapsedMs)})`);
  if (detailed || totals.failed > 0) console.log(report.trimEnd().replace(/^/gm, "    "));
}

/** What failed, once more, where it is easy to find: at the end. */
export function printFailures(failures: readonly string[]): void {
  if (failures.length === 0) return;
  console.log("\nFailed:");
  for (const failure of failures) console.log(`  ✖ ${failure}`);
}
