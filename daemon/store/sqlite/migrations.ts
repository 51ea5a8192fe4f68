import { closeSync, existsSync, openSync, renameSync, rmSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { DevlatchError } from "../../../shared/base/errors.ts";

/**
 * Each step leads from its index to the next version (`PRAGMA user_version`). Steps are only ever added: a file written
 * by any earlier version must come through. Nothing uses the table `event` any more; a step that drops it would only
 * keep earlier builds out of the file.
 */
const steps: readonly string[] = [
  `CREATE TABLE lock (
     key TEXT PRIMARY KEY,
     token TEXT, owner TEXT, fence INTEGER, since INTEGER, expires INTEGER, ttl INTEGER, -- of the holder; times in ms
     last TEXT -- the token released last
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE waiter (
     place INTEGER PRIMARY KEY AUTOINCREMENT,
     key TEXT NOT NULL, token TEXT NOT NULL, owner TEXT NOT NULL,
     ttl INTEGER NOT NULL, deadline INTEGER NOT NULL, handle TEXT NOT NULL,
     UNIQUE (key, token)
   ) STRICT;
   CREATE TABLE cancelled (token TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE fence (id INTEGER PRIMARY KEY CHECK (id = 1), highest INTEGER NOT NULL) STRICT;
   INSERT INTO fence VALUES (1, 0);
   CREATE TABLE record (key TEXT PRIMARY KEY, version INTEGER NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE event (
     seq INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL
   ) STRICT;
   CREATE TABLE probe (id INTEGER PRIMARY KEY CHECK (id = 1), time INTEGER NOT NULL) STRICT;`,
  // When the holder was last heard of, in ms.
  "ALTER TABLE lock ADD COLUMN seen INTEGER;",
];

/**
 * Copies a file of an earlier version before it is brought to this build's, beside it and named after its version:
 * there it is for those who go back to that version. Done once for each.
 * @throws an error of SQLite or of the file system: without a copy nothing is changed
 */
export function backUp(database: DatabaseSync, file: string): void {
  const version = versionOf(database);
  if (version === 0 || version >= steps.length) return;
  const copy = `${file}.version-${version}`;
  if (existsSync(copy)) return;
  const unfinished = `${copy}.tmp`;
  rmSync(unfinished, { force: true });
  // SQLite takes an empty file, and leaves its mode.
  closeSync(openSync(unfinished, "wx", 0o600));
  database.prepare("VACUUM INTO ?").run(unfinished);
  renameSync(unfinished, copy);
}

/** Brings the file to this build's version. The caller holds a write transaction. */
export function migrate(database: DatabaseSync, file: string): void {
  const version = versionOf(database);
  if (version > steps.length) {
    throw new DevlatchError(
      "STORE_UNAVAILABLE",
      `${file} was written by a newer Devlatch (version ${version} of the file, this build knows ${steps.length}).`,
      `Update Devlatch, set DEVLATCH_HOME to another directory, or put a copy of before its update in its place (${file}.version-…, with no daemon running).`,
    );
  }
  for (const step of steps.slice(version)) database.exec(step);
  database.exec(`PRAGMA user_version = ${steps.length}`);
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
}
