import { DatabaseSync } from "node:sqlite";
import { isLaterVersion, openForWriting, setAside } from "./schema.ts";

/** A thread's file opened for writing. */
export interface OpenThread {
  readonly database: DatabaseSync;
  /** What was wrong with the file that had to be replaced, in a sentence. */
  readonly damage?: string;
}

/**
 * Sets a file that can't be used aside and begins a new one, whose first message says so. The sequence goes on where the old
 * one ended, as far as that can still be read, so that readers' cursors stay valid.
 * @param error what SQLite said about the file
 * @param time now, in milliseconds since the epoch
 */
export function replaceDamaged(file: string, error: unknown, time: number): OpenThread {
  const end = salvageEnd(file);
  const reason = error instanceof Error ? error.message : String(error);
  const isLater = isLaterVersion(error);
  const aside = setAside(file, isLater ? "later" : "damaged");
  const damage = isLater
    ? `Earlier output is in ${aside}: ${reason}, and only that version reads it.`
    : `The thread's file was damaged (${reason}) and set aside as ${aside}; earlier output is there.`;
  const database = openForWriting(file);
  database.prepare("INSERT INTO blocks VALUES (?, 1, ?, 'event', ?, 0)").run(end.seq + 1, time, damage);
  if (end.offset > 0) database.prepare("INSERT INTO chunks VALUES (?, x'')").run(end.offset);
  return { database, damage };
}

function salvageEnd(file: string): { seq: number; offset: number } {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    const seq = database
      .prepare("SELECT first_seq + count - 1 AS last FROM blocks ORDER BY first_seq DESC LIMIT 1")
      .get()?.["last"];
    const offset = database
      .prepare("SELECT offset + length(bytes) AS last FROM chunks ORDER BY offset DESC LIMIT 1")
      .get()?.["last"];
    return { seq: Number(seq ?? 0), offset: Number(offset ?? 0) };
  } catch {
    return { seq: 0, offset: 0 };
  } finally {
    database?.close();
  }
}
