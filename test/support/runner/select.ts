import { existsSync, globSync, statSync } from "node:fs";
import { relative, resolve } from "node:path";
import { repository } from "../paths.ts";
import { type Stage, stages } from "./stages.ts";

/** What is to run of a stage. */
export interface Selection {
  readonly stage: Stage;
  /** Relative to the repository. */
  readonly files: readonly string[];
  /** Whether each test is to be shown, not only those that fail. */
  readonly detailed: boolean;
}

/** A word on the command line that names nothing to run. */
export class UnknownSelection extends Error {
  override name = "UnknownSelection";
}

/**
 * @param wanted names of stages, or paths of files or folders; none: everything
 * @throws UnknownSelection
 */
export function select(wanted: readonly string[]): Selection[] {
  if (wanted.length === 0) return stages.map(whole);
  return wanted.map((word) => {
    const named = stages.find(({ name }) => name === word);
    if (named) return whole(named);
    const path = resolve(word);
    const stage = stages.find(
      ({ folder }) => folder !== undefined && path.startsWith(resolve(repository, folder)),
    );
    if (stage === undefined || !existsSync(path)) throw new UnknownSelection(unknownWord(word));
    const files = statSync(path).isDirectory() ? filesIn(path) : [relative(repository, path)];
    return { stage, files, detailed: true };
  });
}

function whole(stage: Stage): Selection {
  return { stage, files: stage.folder === undefined ? [] : filesIn(stage.folder), detailed: false };
}

function filesIn(folder: string): string[] {
  const cwd = resolve(repository, folder);
  return globSync("**/*.test.ts", { cwd })
    .map((file) => relative(repository, resolve(cwd, file)))
    .sort();
}

function unknownWord(word: string): string {
  const names = stages.map(({ name }) => name).join(", ");
  return `"${word}" is neither a stage (${names}) nor a test file or folder below test/.`;
}
