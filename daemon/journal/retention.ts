import type { DatabaseSync } from "node:sqlite";
import { boundsOf } from "./pages.ts";

/** How much of the journal is kept. What goes is always the oldest, without a gap. */
export interface JournalRetention {
  readonly entries: number;
  /** Milliseconds. */
  readonly ageMs: number;
}

export const defaultRetention: JournalRetention = { entries: 100_000, ageMs: 90 * 24 * 3_600_000 };

/**
 * Drops what is beyond the limits, inside the caller's transaction. The newest entry always stays. By age only entries
 * go before which none is younger: a clock that was set back makes no hole.
 * @param now milliseconds since the epoch
 */
export function retain(database: DatabaseSync, { entries, ageMs }: JournalRetention, now: number): void {
  const { last } = boundsOf(database);
  const young = database
    .prepare("SELECT seq FROM entry WHERE time >= ? ORDER BY seq LIMIT 1")
    .get(now - ageMs)?.["seq"];
  const from = Math.min(last, Math.max(last - entries + 1, Number(young ?? last)));
  database.prepare("DELETE FROM entry WHERE seq < ?").run(from);
}
