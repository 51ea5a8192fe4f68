import { formatMs } from "../../../shared/base/deadline.ts";
import { runInLanes } from "./lanes.ts";
import { printFailures, printOutcome, printSlowest } from "./print.ts";
import { type Selection, select } from "./select.ts";
import type { Stage } from "./stages.ts";
import { type FileOutcome, runTestFile } from "./test-file.ts";
import { runTool } from "./tool.ts";
import { add, inWords, nothing } from "./totals.ts";

/** Files at once. Each starts several programs: with more of them two cores are no faster, only busier. */
const width = 3;

/**
 * Runs the named stages, or all of them; or single test files.
 * @param wanted see {@link select}
 * @returns the exit code: 0 only if something ran and nothing failed
 */
export async function runStages(wanted: readonly string[]): Promise<number> {
  const begun = performance.now();
  const selected = select(wanted);
  const outcomes: FileOutcome[] = [];
  const done = (outcome: FileOutcome, detailed: boolean) => {
    outcomes.push(outcome);
    printOutcome(outcome, detailed);
  };
  for (const { stage, detailed } of selected) {
    if (!stage.tools) continue;
    printHeading([stage]);
    const runs = stage.tools.map(({ name, command }) => runTool(name, command, stage.timeoutMs));
    for (const run of runs) done(await run, detailed);
  }
  const ofFiles = selected.filter(({ files }) => files.length > 0);
  if (ofFiles.length > 0) {
    printHeading(ofFiles.map(({ stage }) => stage));
    await runFiles(ofFiles.reverse(), done);
  }
  const totals = outcomes.map((outcome) => outcome.totals).reduce(add, nothing);
  printSlowest(outcomes);
  printFailures(outcomes);
  console.log(`\nAll in all ${formatMs(performance.now() - begun)}.`);
  console.log(inWords(totals));
  return totals.failed === 0 && totals.passed > 0 ? 0 : 1;
}

function printHeading(stages: readonly Stage[]): void {
  console.log(`\n── ${[...new Set(stages.map(({ name }) => name))].join(", ")} ──`);
}

async function runFiles(
  selected: readonly Selection[],
  done: (outcome: FileOutcome, detailed: boolean) => void,
): Promise<void> {
  const jobs = selected.flatMap(({ stage, files, detailed }) => {
    const ready = prepare(stage).then((outcome) => {
      if (outcome) done(outcome, detailed);
      return !outcome;
    });
    const group = { atMost: stage.atMost ?? width };
    return files.map((file) => ({
      ...{ ready, group },
      alone: stage.alone?.includes(file) ?? false,
      run: async () => done(await runTestFile(file, stage.timeoutMs), detailed),
    }));
  });
  await runInLanes(jobs, width);
}

/**
 * @returns one failure for a stage that can't have what it needs: its tests don't run, and the totals must show that
 */
async function prepare(stage: Stage): Promise<FileOutcome | undefined> {
  try {
    await stage.need?.();
    return undefined;
  } catch (error) {
    return {
      file: `preparing the stage ${stage.name}`,
      totals: { passed: 0, failed: 1, skipped: 0 },
      elapsedMs: 0,
      report: error instanceof Error ? error.message : String(error),
    };
  }
}
