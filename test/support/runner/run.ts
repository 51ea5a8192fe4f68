import { formatMs } from "../../../shared/base/deadline.ts";
import { replaced, runAgain } from "./again.ts";
import { runInLanes } from "./lanes.ts";
import { printFailures, printOutcome, printSlowest, printUnsteady } from "./print.ts";
import { type Selection, select } from "./select.ts";
import { SpareCores } from "./spare-cores.ts";
import type { Stage } from "./stages.ts";
import { type FileOutcome, runTestFile } from "./test-file.ts";
import { runTool } from "./tool.ts";
import { add, inWords, nothing } from "./totals.ts";

/** Files at once. Each starts several programs: with more that compute, two cores are no faster, only busier. */
const atLeast = 3;
/** Most files wait for most of their time: so many, where half a core was idle. */
const atMost = 6;
const spareShare = 0.5;
const spareEveryMs = 1_500;

/** Set where a test that fails once must fail the whole: to prove that none depends on speed. */
const isStrict = process.env["DEVLATCH_TEST_STRICT"] === "1";

/**
 * Runs the named stages, or all of them; or single test files. A file that fails beside others is run once more, alone,
 * when all are done; where it passes then, that counts, and it is named as unsteady.
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
  const runs = isStrict ? [] : await runAgain(outcomes, onceMore(ofFiles));
  const last = replaced(outcomes, runs);
  const totals = last.map((outcome) => outcome.totals).reduce(add, nothing);
  printSlowest(outcomes);
  printUnsteady(runs);
  printFailures(last);
  console.log(`\nAll in all ${formatMs(performance.now() - begun)}.`);
  console.log(inWords(totals));
  return totals.failed === 0 && totals.passed > 0 ? 0 : 1;
}

function printHeading(stages: readonly Stage[]): void {
  console.log(`\n── ${[...new Set(stages.map(({ name }) => name))].join(", ")} ──`);
}

/** The files of whole stages; one that was asked for by name shows how it is by itself. */
function onceMore(selected: readonly Selection[]): ReadonlyMap<string, () => Promise<FileOutcome>> {
  const whole = selected.filter(({ detailed }) => !detailed);
  const run = async (file: string, { timeoutMs }: Stage) => {
    console.log("\n── once more, alone ──");
    const outcome = await runTestFile(file, timeoutMs);
    printOutcome(outcome, false);
    return outcome;
  };
  return new Map(
    whole.flatMap(({ stage, files }) => files.map((file) => [file, () => run(file, stage)] as const)),
  );
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
    const group = { atMost: stage.atMost ?? atMost };
    return files.map((file) => ({
      ...{ ready, group },
      alone: stage.alone?.includes(file) ?? false,
      run: async () => done(await runTestFile(file, stage.timeoutMs), detailed),
    }));
  });
  const cores = new SpareCores();
  const spare = { ask: () => cores.ask(spareShare), everyMs: spareEveryMs };
  await runInLanes(jobs, { atLeast, atMost, spare });
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
