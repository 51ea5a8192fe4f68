import { chmodSync, closeSync, openSync, renameSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { arrivalTable } from "./arrivals.ts";
import { wordTables } from "./words.ts";

/** Version of the tables, kept as `user_version`. 0 is a file that was never written. */
export const schemaVersion = 2;
/**
 * The first version that can read and write what this one writes, kept as `application_id`: a later version that only adds
 * tables keeps it, so that after a downgrade its threads go on. 0 in files of before.
 */
const oldestUser = 2;

/** How long a statement waits for another writer, in milliseconds. */
const busyTimeoutMs = 1_000;

/** Messages; see `Block`. */
const blockTable = `
  CREATE TABLE blocks (
    first_seq INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    time INTEGER NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    position INTEGER NOT NULL
  );
  CREATE INDEX blocks_by_time ON blocks (time);
  ${wordTables("main")}
`;

/** What version 1 kept: a message a row. Its host may run on while a newer daemon reads. */
const fromVersion1 = "SELECT seq AS first_seq, 1 AS count, time, kind, text, position FROM main.messages";

/**
 * `position` is the length of all text before a block, so that a size limit is found by looking at two rows;
 * `rest` is the unfinished line of a launch, kept so that it survives its host.
 */
const tables = `
  ${blockTable}
  CREATE TABLE chunks (offset INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
  CREATE TABLE launches (
    number INTEGER PRIMARY KEY,
    launch_id TEXT NOT NULL UNIQUE,
    host_pid INTEGER NOT NULL,
    host_start TEXT NOT NULL,
    leader_pid INTEGER,
    leader_start TEXT,
    command TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    first_offset INTEGER NOT NULL,
    rest TEXT NOT NULL DEFAULT '',
    exit_code INTEGER,
    exit_signal TEXT,
    ended_at INTEGER
  );
`;

/**
 * Opens a thread's file for writing, creating it (0600) where it doesn't exist.
 * @throws an error of SQLite; see `isDamage`
 */
export function openForWriting(file: string): DatabaseSync {
  create(file);
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
  try {
    // NORMAL: a killed process loses nothing; only a power cut can take the last moments. Larger pages are fewer
    // writes: at 16 KB a flood costs half of what it does at 8, and a checkpoint of 1000 pages stays below 20 ms.
    database.exec(
      "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216",
    );
    createTables(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Creates the file for its user alone; SQLite gives its side files (-wal, -shm) the same mode. A file that exists is
 * not opened: closing it again would drop the locks of every other handle this process has on it
 * (https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_).
 */
function create(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    chmodSync(file, 0o600);
  }
}

/** Opens for reading. @returns undefined while no writer has created the tables */
export function openForReading(file: string): DatabaseSync | undefined {
  const database = new DatabaseSync(file, { readOnly: true, timeout: busyTimeoutMs });
  try {
    const version = usableVersion(database);
    if (version === schemaVersion) return database;
    if (version === 1) {
      database.exec(`CREATE TEMP VIEW blocks AS ${fromVersion1}; ${wordTables("temp")}`);
      return database;
    }
    database.close();
    return undefined;
  } catch (error) {
    if (database.isOpen) database.close();
    throw error;
  }
}

/** Whether the file itself is bad or of a later version (not a full disk, not a busy neighbour), so that it must be replaced. */
export function isDamage(error: unknown): boolean {
  if (isLaterVersion(error)) return true;
  const primary = sqliteCode(error);
  return primary === sqliteCorrupt || primary === sqliteNotADatabase;
}

/** Whether a later version wrote the file, in a way that this one can't go on with. Nothing is wrong with it. */
export function isLaterVersion(error: unknown): boolean {
  return error instanceof LaterVersion;
}

/**
 * Moves a file that can't be used and its side files out of the way. One of each kind is kept: the last.
 * @param as `later`: it is of a later version @returns its new name
 */
export function setAside(file: string, as: "damaged" | "later" = "damaged"): string {
  const aside = `${file}.${as}`;
  renameSync(file, aside);
  for (const suffix of ["-wal", "-shm"]) rmSync(file + suffix, { force: true });
  return aside;
}

// https://www.sqlite.org/rescode.html
const sqliteCorrupt = 11;
const sqliteNotADatabase = 26;

/** The primary result code of an error of SQLite. */
function sqliteCode(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}

class LaterVersion extends Error {
  constructor(version: number) {
    super(
      `it was written by a later version of Devlatch (format ${version}, this one knows ${schemaVersion})`,
    );
  }
}

function createTables(database: DatabaseSync): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    const version = usableVersion(database);
    if (version === 0) database.exec(tables);
    if (version === 1)
      database.exec(`${blockTable} INSERT INTO blocks ${fromVersion1}; DROP TABLE messages;`);
    // Not part of the version: who doesn't know it has no use for it.
    database.exec(arrivalTable);
    if (version !== schemaVersion)
      database.exec(`PRAGMA user_version = ${schemaVersion}; PRAGMA application_id = ${oldestUser}`);
    database.exec("COMMIT");
  } catch (error) {
    // A failed statement may have ended the transaction already; the first error is the one that counts.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/**
 * The version by which this build uses a file: its own for one of a later version that still fits.
 * @throws LaterVersion
 */
function usableVersion(database: DatabaseSync): number {
  const version = pragma(database, "user_version");
  if (version <= schemaVersion) return version;
  const oldest = pragma(database, "application_id");
  if (oldest <= 0 || oldest > schemaVersion) throw new LaterVersion(version);
  return schemaVersion;
}

function pragma(database: DatabaseSync, name: "user_version" | "application_id"): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
