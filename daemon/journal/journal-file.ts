import { closeSync, openSync, renameSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** How long a statement waits for another writer, in milliseconds. */
const busyTimeoutMs = 1_000;
/** Primary result codes of a file that is bad in itself (https://sqlite.org/rescode.html). */
const damage = new Set([11, 26]);

const table = `CREATE TABLE IF NOT EXISTS entry (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, kind TEXT NOT NULL, event TEXT NOT NULL
) STRICT`;

/** Opens the journal's file, made (0600) where it is missing. @throws an error of SQLite; see {@link isDamage} */
export function openJournalFile(file: string): DatabaseSync {
  create(file);
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
  try {
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${table}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

export function isDamage(error: unknown): boolean {
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) : 0;
  return damage.has(code & 0xff);
}

/** Moves a damaged journal out of the way; the last one is kept. @returns its new name */
export function setAside(file: string): string {
  const aside = `${file}.damaged`;
  renameSync(file, aside);
  for (const suffix of ["-wal", "-shm"]) rmSync(file + suffix, { force: true });
  return aside;
}

/** Not opened where it exists: closing it again would drop this process' other locks on it (POSIX). */
function create(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
