import { readdir, rm, stat } from "node:fs/promises";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import type { Disposable } from "../../shared/base/disposable.ts";

/** When what a start compiles is compiled, in milliseconds. */
const afterStartMs = 15_000;
/** Entries older than this are of builds and runtimes that are gone, or are made again, in milliseconds. */
const keptForMs = 30 * 24 * 60 * 60_000;

/**
 * Writes the compile cache (https://nodejs.org/api/module.html#module-compile-cache) once the start is over: Node
 * itself does so only at a regular end. And removes old entries, which Node doesn't.
 * @param now milliseconds since the epoch
 */
export function tendCompileCache(directory: string, now: () => number = Date.now): Disposable {
  const timer = setTimeout(() => {
    flushCompileCache();
    // A cache that can't be read costs a few milliseconds at a start.
    void removeOldEntries(directory, now() - keptForMs).catch(() => {});
  }, afterStartMs).unref();
  return { dispose: () => clearTimeout(timer) };
}

/** @param before milliseconds since the epoch @throws an error of the file system */
export async function removeOldEntries(directory: string, before: number): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  for (const file of files) {
    if ((await stat(file)).mtimeMs < before) await rm(file, { force: true });
  }
}
