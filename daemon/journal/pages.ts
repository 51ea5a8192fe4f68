import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { DevlatchError } from "../../shared/base/errors.ts";
import { type JournalEntry, JournalEvent, type JournalPage, unreadable } from "../../shared/model/journal.ts";
import { type Bounds, boundsOf } from "./schema.ts";

/** What to read: see `JournalParams` of the protocol. */
export interface JournalRequest {
  /** Entries after this sequence; 0: from the oldest kept; absent: the last ones. */
  readonly cursor?: number | undefined;
  /** Entries before this sequence; without a cursor the last of them. */
  readonly before?: number | undefined;
  /** Most entries in a page. */
  readonly limit: number;
  /** Only entries from this time on, and up to that one, in milliseconds since the epoch. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly kinds?: readonly string[] | undefined;
  readonly sandboxId?: string | undefined;
  readonly session?: string | undefined;
}

interface Condition {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/**
 * One page in ascending order, from one moment of the file. Pages read one after another, each with the `next` of the
 * one before, give every entry that matches once; so do those before one another.
 * @throws DevlatchError `CURSOR_EXPIRED`; an error of SQLite
 */
export function readPage(database: DatabaseSync, request: JournalRequest): JournalPage {
  database.exec("BEGIN");
  try {
    const bounds = boundsOf(database);
    checkExpired(request, bounds);
    const entries = select(database, request);
    return {
      entries,
      next: nextOf(request, entries, bounds),
      prev: prevOf(database, request, entries, bounds),
    };
  } finally {
    if (database.isTransaction) database.exec("ROLLBACK");
  }
}

function select(database: DatabaseSync, request: JournalRequest): JournalEntry[] {
  const { cursor, before, limit } = request;
  const backward = cursor === undefined;
  const conditions = [
    ...filtersOf(request),
    ...(cursor === undefined ? [] : [{ sql: "seq > ?", values: [cursor] }]),
    ...(before === undefined ? [] : [{ sql: "seq < ?", values: [before] }]),
  ];
  const rows = query(database, "seq, time, event", conditions, backward ? "DESC" : "ASC", limit);
  return (backward ? rows.reverse() : rows).map(toEntry);
}

/** Cursor of the page before: that many entries before this page which match too. */
function prevOf(
  database: DatabaseSync,
  request: JournalRequest,
  entries: readonly JournalEntry[],
  { first, last }: Bounds,
): number | null {
  const { cursor, before, limit } = request;
  const start = entries[0]?.seq ?? (cursor === undefined ? (before ?? last + 1) : Math.min(cursor, last) + 1);
  const conditions = [...filtersOf(request), { sql: "seq < ?", values: [start] }];
  const rows = query(database, "seq", conditions, "DESC", limit);
  const oldest = rows.at(-1);
  if (oldest === undefined) return null;
  return rows.length < limit ? first - 1 : Number(oldest["seq"]) - 1;
}

/** A page that isn't full has looked at everything there is: a follower needn't look there again. */
function nextOf(
  { cursor, before, limit }: JournalRequest,
  entries: readonly JournalEntry[],
  { last }: Bounds,
): number {
  const lookedAt = before === undefined ? last : Math.min(last, before - 1);
  if (cursor === undefined) return lookedAt;
  return entries.length < limit ? Math.max(cursor, lookedAt) : (entries.at(-1)?.seq ?? cursor);
}

function filtersOf({ since, until, kinds, sandboxId, session }: JournalRequest): Condition[] {
  const conditions: Condition[] = [];
  if (since !== undefined) conditions.push({ sql: "time >= ?", values: [since] });
  if (until !== undefined) conditions.push({ sql: "time <= ?", values: [until] });
  if (kinds !== undefined)
    conditions.push({ sql: `kind IN (${kinds.map(() => "?").join(", ")})`, values: kinds });
  if (sandboxId !== undefined) conditions.push({ sql: "sandbox = ?", values: [sandboxId] });
  if (session !== undefined) conditions.push({ sql: "session = ?", values: [session] });
  return conditions;
}

function query(
  database: DatabaseSync,
  columns: string,
  conditions: readonly Condition[],
  order: "ASC" | "DESC",
  limit: number,
) {
  const where = conditions.length === 0 ? "" : ` WHERE ${conditions.map(({ sql }) => sql).join(" AND ")}`;
  return database
    .prepare(`SELECT ${columns} FROM entry${where} ORDER BY seq ${order} LIMIT ?`)
    .all(...conditions.flatMap(({ values }) => values), limit);
}

/** What can't be read is shown as it is: another version wrote it, or the disk garbled it. */
function toEntry({ seq, time, event }: Record<string, unknown>): JournalEntry {
  return { seq: Number(seq), time: Number(time), event: toEvent(String(event)) };
}

function toEvent(text: string): JournalEvent {
  try {
    const parsed = JournalEvent.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
  } catch {
    // No JSON.
  }
  return unreadable(text);
}

function checkExpired({ cursor, before }: JournalRequest, { first }: Bounds): void {
  const oldest = first - 1;
  const isGone = cursor !== undefined && cursor > 0 && cursor < oldest;
  if (isGone)
    throw expired(`The journal's entries ${cursor + 1} to ${oldest} are no longer kept.`, { cursor, oldest });
  if (cursor !== undefined || before === undefined || before >= first || before <= 1) return;
  throw expired(`The journal's entries before ${before} are no longer kept.`, { before, oldest });
}

function expired(
  message: string,
  data: { readonly oldest: number; readonly cursor?: number; readonly before?: number },
): DevlatchError {
  return new DevlatchError(
    "CURSOR_EXPIRED",
    message,
    `Go on with --cursor ${data.oldest}, the oldest that works, or leave it out for the last entries.`,
    { data },
  );
}
