import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** Version of the table, kept as `user_version`. 0: it was never made, or by a build before versions were counted. */
const schemaVersion = 2;

/** How long a statement waits for another writer, in milliseconds: the event loop stands still meanwhile. */
const busyTimeoutMs = 100;

// AUTOINCREMENT: a sequence is never used twice, also after all entries were dropped.
const table = `CREATE TABLE IF NOT EXISTS entry (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, kind TEXT NOT NULL, event TEXT NOT NULL
) STRICT`;

/** Nullable: session hosts of an older build that still run go on writing without them. */
const addedColumns = `
  ALTER TABLE entry ADD COLUMN sandbox TEXT;
  ALTER TABLE entry ADD COLUMN session TEXT;
  CREATE INDEX entry_kind ON entry (kind);
  CREATE INDEX entry_sandbox ON entry (sandbox) WHERE sandbox IS NOT NULL;
  CREATE INDEX entry_session ON entry (session) WHERE session IS NOT NULL;
`;

/**
 * Opens the journal's file, made (0600) where it is missing, and brings it to this build's version. A newer version is
 * used as it is: versions only add.
 * @param first the first sequence of a new file
 * @throws an error of SQLite; see {@link isDamage}
 */
export function openJournalFile(file: string, first: number): DatabaseSync {
  create(file);
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
  try {
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    if (versionOf(database) < schemaVersion) migrate(database, first);
    // Looked at once, so that damage to either end of the table shows before anything is written.
    database.prepare("SELECT min(seq), max(seq) FROM entry").get();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Primary result codes of a file that is bad in itself (https://sqlite.org/rescode.html): corrupt, not a database. */
const damage = new Set([11, 26]);
const busy = 5;

export function isDamage(error: unknown): boolean {
  return damage.has(resultCode(error));
}

/** Whether another writer had the file for too long. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === busy;
}

function resultCode(error: unknown): number {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
}

function migrate(database: DatabaseSync, first: number): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    // Another process may have been quicker.
    if (versionOf(database) < schemaVersion) {
      const isNew = !hasTable(database);
      database.exec(`${table}; ${addedColumns}; PRAGMA user_version = ${schemaVersion}`);
      if (isNew && first > 1) {
        database.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('entry', ?)").run(first - 1);
      }
    }
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function hasTable(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'entry'").get() !== undefined;
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
}

/** Not opened where it exists: closing it again would drop this process' other locks on it (POSIX). */
function create(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

/** First and last sequence kept; an empty journal ends right before it begins. */
export interface Bounds {
  readonly first: number;
  readonly last: number;
}

export function boundsOf(database: DatabaseSync): Bounds {
  const row = database
    .prepare(
      `SELECT (SELECT min(seq) FROM entry) AS first, (SELECT max(seq) FROM entry) AS last,
        (SELECT seq FROM sqlite_sequence WHERE name = 'entry') AS given`,
    )
    .get();
  const given = Number(row?.["given"] ?? 0);
  const [first, last] = [row?.["first"] ?? given + 1, row?.["last"] ?? given];
  return { first: Number(first), last: Number(last) };
}
