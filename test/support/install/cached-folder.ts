import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "../paths.ts";
import { exclusively } from "./exclusive.ts";
import { announced } from "./report.ts";

/** Written last: a folder without it is the remains of an interrupted installation. */
const marker = ".complete";

/** A folder of the tests' cache that is made once and shared by all runs and checkouts. */
export interface CachedFolder {
  /** Name below the cache directory; has to change whenever the content should. */
  readonly name: string;
  /** What it is, for people. */
  readonly what: string;
  /** How long making it may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Fills an empty folder. */
  make(folder: string): Promise<void>;
}

export function isCached({ name }: Pick<CachedFolder, "name">): boolean {
  return existsSync(join(cacheDirectory(), name, marker));
}

/**
 * The folder's path, after making it if it isn't there whole. It is filled beside its place and renamed into it, by
 * one process at a time.
 */
export async function cachedFolder(folder: CachedFolder): Promise<string> {
  const place = join(cacheDirectory(), folder.name);
  if (isCached(folder)) return place;
  await exclusively(`${place}.lock`, folder.timeoutMs * 2, async () => {
    if (isCached(folder)) return;
    await announced(folder.what, () => fill(folder, place));
  });
  return place;
}

async function fill(folder: CachedFolder, place: string): Promise<void> {
  const unfinished = `${place}.${process.pid}.tmp`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  try {
    await folder.make(unfinished);
    writeFileSync(join(unfinished, marker), `${new Date().toISOString()}\n`);
    rmSync(place, { recursive: true, force: true });
    renameSync(unfinished, place);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
}
