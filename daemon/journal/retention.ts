import type { DatabaseSync } from "node:sqlite";
import { boundsOf } from "./schema.ts";

/** How much of the journal is kept. What goes is always the oldest, without a gap. */
export interface JournalRetention {
  readonly entries: number;
  /** Milliseconds. */
  readonly ageMs: number;
  /** Of the entries' texts together, once the file is as large; no limit where absent. */
  readonly bytes?: number;
}

export const defaultRetention: JournalRetention = {
  entries: 100_000,
  ageMs: 90 * 24 * 3_600_000,
  bytes: 64 * 1024 * 1024,
};

/**
 * Drops what is beyond the limits, inside the caller's transaction. The newest entry always stays. By age only entries
 * go before which none is younger: a clock that was set back makes no hole.
 * @param now milliseconds since the epoch
 */
export function retain(
  database: DatabaseSync,
  { entries, ageMs, bytes }: JournalRetention,
  now: number,
): void {
  const { last } = boundsOf(database);
  const young = database
    .prepare("SELECT seq FROM entry WHERE time >= ? ORDER BY seq LIMIT 1")
    .get(now - ageMs)?.["seq"];
  const fits = bytes === undefined ? 0 : firstWithin(database, bytes);
  const from = Math.min(last, Math.max(last - entries + 1, Number(young ?? last), fits));
  database.prepare("DELETE FROM entry WHERE seq < ?").run(from);
}

/** The first of the newest entries that are no more than so many bytes together; 0: all are. */
function firstWithin(database: DatabaseSync, bytes: number): number {
  if (sizeOf(database) <= bytes) return 0;
  const tooMuch = database
    .prepare(
      `SELECT max(seq) AS seq FROM (
        SELECT seq, sum(octet_length(event)) OVER (ORDER BY seq DESC) AS total FROM entry
      ) WHERE total > ?`,
    )
    .get(bytes)?.["seq"];
  return Number(tooMuch ?? 0) + 1;
}

/** Bytes of the file that are in use. */
function sizeOf(database: DatabaseSync): number {
  const pragma = (name: string) => Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  return (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
}
