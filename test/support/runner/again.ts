import type { FileOutcome } from "./test-file.ts";

/** Most files that are run again: where more fail, it isn't for want of quiet. */
const most = 6;

/** How a file ended that failed beside others and was run again, alone. */
export interface SecondRun {
  readonly first: FileOutcome;
  readonly second: FileOutcome;
}

/**
 * Runs the files that failed once more, one after the other. A machine that is shared can make a test fail that is
 * right, and a test that fails alone too is surely not: only the second run tells them apart.
 * @param runs what can be run again, by the name in its outcome
 * @returns nothing where there are too many of them
 */
export async function runAgain(
  outcomes: readonly FileOutcome[],
  runs: ReadonlyMap<string, () => Promise<FileOutcome>>,
): Promise<readonly SecondRun[]> {
  const failed = outcomes.filter(({ totals }) => totals.failed > 0);
  if (failed.length > most) return [];
  const second: SecondRun[] = [];
  for (const first of failed) {
    const run = runs.get(first.file);
    if (run) second.push({ first, second: await run() });
  }
  return second;
}

/** The outcomes with the second ones in place of the first. */
export function replaced(outcomes: readonly FileOutcome[], runs: readonly SecondRun[]): FileOutcome[] {
  return outcomes.map((outcome) => runs.find(({ first }) => first === outcome)?.second ?? outcome);
}
