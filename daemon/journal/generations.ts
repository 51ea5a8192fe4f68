import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Mark } from "./mark.ts";
import { openJournalFile } from "./schema.ts";

/**
 * A damaged journal is replaced by a file with another name, the next generation: several processes have the old one
 * open, and SQLite removes the write-ahead log of a file it closes by name, so that a new file of the same name would
 * lose what others write to it. `journal.db` is the first, `journal.db.2` the next.
 */
export interface Generation {
  readonly number: number;
  readonly path: string;
  /** Tells the file from another one of the same name; undefined while there is none. */
  readonly inode: bigint | undefined;
}

/** How long another process may take to replace the file, in milliseconds. */
const repairTimeoutMs = 2_000;

/** @param file path of the journal's first generation */
export function currentGeneration(file: string): Generation {
  const prefix = `${basename(file)}.`;
  const numbers = namesIn(dirname(file)).flatMap((name) => {
    const number = name.startsWith(prefix) ? name.slice(prefix.length) : "";
    return /^[1-9]\d{0,8}$/.test(number) ? [Number(number)] : [];
  });
  return generation(file, Math.max(1, ...numbers));
}

/** Whether this is still the file to read and write: neither replaced by the next generation nor removed. */
export function isCurrent(file: string, { number, path, inode }: Generation): boolean {
  return inodeOf(path) === inode && !existsSync(pathOf(file, number + 1));
}

/**
 * Whether a handle on this file may be closed: the log SQLite then removes by name must not be that of another file.
 */
export function isSafeToClose(file: string, { number, path, inode }: Generation): boolean {
  return inodeOf(path) === inode || currentGeneration(file).number > number;
}

/** The same file as it is now: one that was missing has been made. */
export function refreshed(found: Generation): Generation {
  return { ...found, inode: inodeOf(found.path) };
}

/**
 * Begins the next generation and sets the damaged one aside, unless another process has done so. The sequence goes on
 * above every one that was ever given.
 * @param describe the new file's first entry, as JSON
 * @param now milliseconds since the epoch
 * @returns where the damaged file is now (null if it couldn't be kept); undefined if another process replaced it
 */
export function replaceDamaged(
  file: string,
  damaged: Generation,
  describe: (aside: string | null) => string,
  { mark, now }: { mark: Mark; now: number },
): { readonly aside: string | null } | undefined {
  return exclusively(`${file}.repair`, () => {
    if (!isCurrent(file, damaged)) return undefined;
    const salvaged = salvageEnd(damaged.path);
    // Where nothing tells how far it came, the time does: no home writes an entry a second for years.
    const first = mark.firstAfterLoss() ?? (salvaged === undefined ? Math.floor(now / 1000) : 1);
    const aside = `${file}.damaged`;
    const next = pathOf(file, damaged.number + 1);
    makeGeneration(`${next}.new`, Math.max(first, (salvaged ?? 0) + 1), describe(aside), now);
    renameSync(`${next}.new`, next);
    return { aside: moveAside(damaged.path, aside) ? aside : null };
  });
}

/** Complete before it has its name: others find it whole or not at all. */
function makeGeneration(path: string, first: number, event: string, now: number): void {
  for (const suffix of sideFiles) rmSync(path + suffix, { force: true });
  const database = openJournalFile(path, first);
  try {
    database.prepare("INSERT INTO entry (time, kind, event) VALUES (?, 'journal', ?)").run(now, event);
  } finally {
    database.close();
  }
}

const sideFiles = ["", "-wal", "-shm"];

/** One damaged file is kept: the last. Its write-ahead log goes with it, for those who try to save something. */
function moveAside(path: string, aside: string): boolean {
  for (const suffix of sideFiles) {
    rmSync(aside + suffix, { force: true });
    try {
      renameSync(path + suffix, aside + suffix);
    } catch {
      if (suffix === "") return false;
    }
  }
  return true;
}

function salvageEnd(path: string): number | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    const ends = [
      "SELECT seq FROM sqlite_sequence WHERE name = 'entry'",
      "SELECT max(seq) AS seq FROM entry",
    ];
    const found = ends.map((sql) => Number(database?.prepare(sql).get()?.["seq"] ?? 0));
    return Math.max(...found);
  } catch {
    return undefined;
  } finally {
    database?.close();
  }
}

/** Under a lock that the operating system frees when its holder is killed. */
function exclusively<T>(file: string, work: () => T): T {
  const lock = new DatabaseSync(file, { timeout: repairTimeoutMs });
  try {
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE");
    return work();
  } finally {
    lock.close();
  }
}

function generation(file: string, number: number): Generation {
  const path = pathOf(file, number);
  return { number, path, inode: inodeOf(path) };
}

function pathOf(file: string, number: number): string {
  return number === 1 ? file : `${file}.${number}`;
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
