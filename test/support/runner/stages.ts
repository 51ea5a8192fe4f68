import { existsSync, globSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { formatMs } from "../../../shared/base/deadline.ts";
import { needCodeServer } from "../install/code-server.ts";
import { needPackages, runtimePackages } from "../install/debian.ts";
import { repository } from "../paths.ts";
import { needDependencies, projectNames } from "../projects.ts";
import { inPool } from "./pool.ts";
import { printFailures, printOutcome } from "./print.ts";
import { type FileOutcome, runTestFile } from "./test-file.ts";
import { runTool } from "./tool.ts";
import { add, inWords, nothing, type Totals } from "./totals.ts";

/** A stage either runs tools, each of which counts as a test, or test files. */
interface Stage {
  readonly name: string;
  readonly tools?: readonly { readonly name: string; readonly command: readonly string[] }[];
  /** Folder of the test files, relative to the repository. */
  readonly folder?: string;
  /** Files at once: 1 where they measure time or load the machine on their own. */
  readonly width?: number;
  /** For one file or tool, in milliseconds. */
  readonly timeoutMs: number;
  /** Makes sure that what the stage needs is there, and says so if it takes an installation. */
  readonly need?: () => Promise<void>;
}

const stages: readonly Stage[] = [
  {
    name: "check",
    timeoutMs: 120_000,
    tools: [
      { name: "style and lint", command: ["biome", "check", "."] },
      { name: "types", command: ["tsc", "--noEmit"] },
      { name: "unused files, exports and dependencies", command: ["knip"] },
    ],
  },
  {
    name: "build",
    timeoutMs: 120_000,
    tools: [{ name: "bundles", command: ["node", "esbuild.mjs", "--quiet"] }],
  },
  { name: "architecture", folder: "test/architecture", timeoutMs: 60_000, need: needGit },
  { name: "unit", folder: "test/unit", width: 2, timeoutMs: 120_000 },
  { name: "integration", folder: "test/integration", width: 2, timeoutMs: 300_000, need: needServices },
  { name: "system", folder: "test/system", timeoutMs: 600_000, need: needProjects },
  { name: "vscode", folder: "test/vscode", timeoutMs: 600_000, need: needVsCode },
];

async function needGit(): Promise<void> {
  await needPackages(runtimePackages.git);
}

async function needServices(): Promise<void> {
  await needPackages([...runtimePackages.redis, ...runtimePackages.git, ...runtimePackages.tools]);
}

async function needProjects(): Promise<void> {
  await needServices();
  for (const name of projectNames) await needDependencies(name);
}

async function needVsCode(): Promise<void> {
  await needPackages(runtimePackages.browser);
  await needProjects();
  await needCodeServer();
}

/**
 * Runs the named stages, or all of them; or single test files.
 * @param wanted names of stages, or paths of files or folders
 * @returns the exit code: 0 only if something ran and nothing failed
 */
export async function runStages(wanted: readonly string[]): Promise<number> {
  const begun = performance.now();
  const failures: string[] = [];
  let totals = nothing;
  for (const { stage, files, detailed } of select(wanted)) {
    console.log(`\n── ${stage.name} ──`);
    totals = add(totals, await runStage(stage, files, detailed, failures));
  }
  printFailures(failures);
  console.log(`\nAll in all ${formatMs(performance.now() - begun)}.`);
  console.log(inWords(totals));
  return totals.failed === 0 && totals.passed > 0 ? 0 : 1;
}

/** A word on the command line that names nothing to run. */
export class UnknownSelection extends Error {
  override name = "UnknownSelection";
}

interface Selection {
  readonly stage: Stage;
  readonly files: readonly string[];
  readonly detailed: boolean;
}

function select(wanted: readonly string[]): Selection[] {
  if (wanted.length === 0)
    return stages.map((stage) => ({ stage, files: filesIn(stage.folder), detailed: false }));
  return wanted.map((word) => {
    const named = stages.find(({ name }) => name === word);
    if (named !== undefined) return { stage: named, files: filesIn(named.folder), detailed: false };
    const path = resolve(word);
    const stage = stages.find(
      ({ folder }) => folder !== undefined && path.startsWith(resolve(repository, folder)),
    );
    if (stage === undefined || !existsSync(path)) throw new UnknownSelection(unknownWord(word));
    return { stage, files: statSync(path).isDirectory() ? filesIn(path) : [path], detailed: true };
  });
}

function unknownWord(word: string): string {
  const names = stages.map(({ name }) => name).join(", ");
  return `"${word}" is neither a stage (${names}) nor a test file or folder below test/.`;
}

function filesIn(folder: string | undefined): string[] {
  if (folder === undefined) return [];
  return globSync("**/*.test.ts", { cwd: resolve(repository, folder) })
    .map((file) => resolve(repository, folder, file))
    .sort();
}

async function runStage(
  stage: Stage,
  files: readonly string[],
  detailed: boolean,
  failures: string[],
): Promise<Totals> {
  let totals = nothing;
  const done = (outcome: FileOutcome) => {
    printOutcome(outcome, detailed);
    totals = add(totals, outcome.totals);
    if (outcome.totals.failed > 0) failures.push(`${outcome.file}: ${inWords(outcome.totals)}`);
  };
  for (const { name, command } of stage.tools ?? []) done(await runTool(name, command, stage.timeoutMs));
  if (files.length === 0) return totals;
  try {
    await stage.need?.();
  } catch (error) {
    done(unprepared(stage, error));
    return totals;
  }
  await inPool(files, stage.width ?? 1, (file) => runTestFile(file, stage.timeoutMs), done);
  return totals;
}

/** A stage that can't have what it needs is one failure: its tests didn't run, and nobody should think they did. */
function unprepared(stage: Stage, error: unknown): FileOutcome {
  return {
    file: `preparing the stage ${stage.name}`,
    totals: { passed: 0, failed: 1, skipped: 0 },
    elapsedMs: 0,
    report: error instanceof Error ? error.message : String(error),
  };
}
