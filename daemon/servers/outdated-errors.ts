import { stat } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import type { BuildError, BuildView } from "../../shared/model/output.ts";
import { moduleFile } from "./served-files.ts";

/** A build by its files as they are now. */
export interface BuildOfFiles {
  /** Without errors of files that were removed, or changed while others still have theirs: what was wrong there is over. */
  readonly build: BuildView;
  /** Every file that has an error was changed since. */
  readonly isOutdated: boolean;
}

/**
 * What is left of a failed build by what became of the files with errors since these were reported. Some tools say nothing
 * of a file that was mended (Vite: one that never loaded) or removed (Next: a page), so that these errors are no news then.
 * @param cwd where the places of errors begin
 */
export async function buildOfFiles(build: BuildView, cwd: string): Promise<BuildOfFiles> {
  if (build.status !== "failed") return { build, isOutdated: false };
  const located = await Promise.all(build.errors.map((error) => locate(error, cwd)));
  const fates = await Promise.all(located.map((error) => fateOf(error, cwd)));
  const those = (fate: Fate) => located.filter((_, index) => fates[index] === fate);
  const [same, changed] = [those("same"), those("changed")];
  const errors = same.length > 0 ? same : changed;
  const errorCount = build.errorCount - (build.errors.length - errors.length);
  const isClean = build.errors.length > 0 && errorCount === 0;
  return {
    build: { ...build, errors, errorCount, status: isClean ? "clean" : "failed" },
    isOutdated: same.length === 0 && changed.length > 0,
  };
}

/** Whether every file with an error was changed or removed since the error was reported; see {@link buildOfFiles}. */
export async function isOutdated(known: BuildView, cwd: string): Promise<boolean> {
  const { build, isOutdated } = await buildOfFiles(known, cwd);
  return isOutdated || build.status !== known.status;
}

type Fate = "same" | "changed" | "removed";

/** Directories below an app's own whose files frameworks (Nuxt 4) name from there. */
const sourceDirectories = ["app", "src"];

/** An error at its file, where the tool named that from the directory of the sources. */
async function locate(error: BuildError, cwd: string): Promise<BuildError> {
  const { place } = error;
  if (place === undefined || isAbsolute(place.file) || (await changedAt(resolve(cwd, place.file))))
    return error;
  for (const directory of sourceDirectories) {
    const file = `${directory}/${place.file}`;
    if (await changedAt(resolve(cwd, file))) return { ...error, place: { ...place, file } };
  }
  return error;
}

async function fateOf({ place, time }: BuildError, cwd: string): Promise<Fate> {
  if (place === undefined) return "same";
  const file = resolve(cwd, place.file);
  const changed = await changedAt(file);
  if (changed !== undefined) return changed > time ? "changed" : "same";
  return moduleFile.test(file) && (await lostAfter(time, file, cwd)) ? "removed" : "same";
}

/** Whether something was removed or made, after a time, where a file would be: only then it may have been there before. */
async function lostAfter(time: number, file: string, cwd: string): Promise<boolean> {
  const directory = dirname(file);
  const way = relative(cwd, directory);
  if (way.split(sep)[0] === "..") return false;
  const changed = await changedAt(directory);
  return changed === undefined ? lostAfter(time, directory, cwd) : changed > time;
}

/** When a file or its name was changed, in milliseconds: what is moved or copied over another may be older than that. */
async function changedAt(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && Math.max(found.mtimeMs, found.ctimeMs);
}
