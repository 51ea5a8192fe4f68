import { DevlatchError } from "../../shared/base/errors.ts";
import type { MessageKind, ThreadPage } from "../../shared/model/thread.ts";
import { Matcher } from "./matcher.ts";
import { type Bounds, type MessageTable, maxPageLength } from "./messages.ts";
import { type Filter, Search } from "./search.ts";
import { type WordIndex, WordQuery } from "./words.ts";

/** What to read: see `LogsParams` of the protocol. */
export interface PageRequest {
  /** Messages after this sequence; 0: from the oldest kept. */
  readonly cursor?: number | undefined;
  /** Messages before this sequence, the nearest. Without both the last ones, or the first since `since`. */
  readonly before?: number | undefined;
  /** Most messages in a page. */
  readonly limit: number;
  /** Regular expression (JavaScript) that messages must match. */
  readonly grep?: string | undefined;
  /** Words that messages must hold, all of them; `word*` for all that begin so. */
  readonly search?: string | undefined;
  readonly kinds?: readonly MessageKind[] | undefined;
  /** Only messages from this time on, in milliseconds since the epoch. */
  readonly since?: number | undefined;
  /** Only messages up to this time. */
  readonly until?: number | undefined;
}

/** A request whose pattern and words are understood. */
export type CheckedRequest = Pick<PageRequest, "cursor" | "before" | "limit"> & {
  /** Undefined where every message is wanted. */
  readonly filter?: Filter;
};

/** @throws DevlatchError `INVALID_INPUT` for a bad pattern, no words, or two directions at once */
export async function checkRequest({ cursor, before, limit, ...rest }: PageRequest): Promise<CheckedRequest> {
  if (cursor !== undefined && before !== undefined) throw twoDirections();
  const { grep, search, kinds, since, until } = rest;
  const filter: Filter = {
    kinds,
    since,
    until,
    pattern: grep === undefined ? undefined : await Matcher.of(grep),
    words: search === undefined ? undefined : new WordQuery(search),
  };
  const isAny = Object.values(filter).every((part) => part === undefined);
  return { cursor, before, limit, ...(isAny ? {} : { filter }) };
}

/** One page of a thread. @throws DevlatchError `CURSOR_EXPIRED` */
export function readPage(
  table: MessageTable,
  index: WordIndex,
  request: CheckedRequest,
  signal: AbortSignal | undefined,
): ThreadPage | Promise<ThreadPage> {
  const { filter } = request;
  if (filter === undefined) return plainPage(table, request);
  return new FilteredPages(table, new Search(table, index, filter, signal)).read({
    ...request,
    cursor: request.cursor ?? sinceCursor(table, request),
  });
}

/** A reader that names a time and no place reads on from that time. */
function sinceCursor(table: MessageTable, { before, filter }: CheckedRequest): number | undefined {
  if (before !== undefined || filter?.since === undefined) return undefined;
  const first = table.firstSince(filter.since);
  return first === undefined ? table.bounds()?.last : first - 1;
}

function plainPage(table: MessageTable, { cursor, before, limit }: CheckedRequest): ThreadPage {
  const messages =
    cursor === undefined
      ? table.before(before ?? Number.MAX_SAFE_INTEGER, limit, 1, maxPageLength)
      : table.after(cursor, limit, maxPageLength);
  const bounds = table.bounds();
  if (cursor !== undefined && messages[0]) checkCursor(cursor, { first: messages[0].seq });
  const end = before === undefined ? (cursor ?? 0) : Math.max(0, Math.min(before - 1, bounds?.last ?? 0));
  const start = messages[0]?.seq ?? Math.min(end + 1, (bounds?.last ?? 0) + 1);
  return {
    messages,
    next: messages.at(-1)?.seq ?? end,
    prev: bounds && start > bounds.first ? plainPrev(table, start, limit) : null,
  };
}

/** Cursor of the page that ends right before `start`: long messages make it shorter than its limit. */
function plainPrev(table: MessageTable, start: number, limit: number): number {
  const [first] = table.before(start, limit, 1, maxPageLength);
  return (first?.seq ?? start) - 1;
}

class FilteredPages {
  readonly #table: MessageTable;
  readonly #search: Search;

  constructor(table: MessageTable, search: Search) {
    this.#table = table;
    this.#search = search;
  }

  async read({ cursor, before, limit }: CheckedRequest): Promise<ThreadPage> {
    const bounds = this.#table.bounds();
    if (bounds === undefined) return { messages: [], next: cursor ?? 0, prev: null };
    if (cursor === undefined) {
      const end = Math.min(before ?? Number.MAX_SAFE_INTEGER, bounds.last + 1);
      const { found: messages } = await this.#search.backward(end, limit);
      const start = messages[0]?.seq ?? bounds.first;
      return { messages, next: Math.max(0, end - 1), prev: await this.#prev(bounds, start, limit) };
    }
    const from = cursor === 0 ? bounds.first - 1 : cursor;
    const { found, lookedAt } = await this.#search.forward(from, limit, checkCursor);
    const start = Math.min(cursor, bounds.last) + 1;
    return { messages: found, next: lookedAt, prev: await this.#prev(bounds, start, limit) };
  }

  /**
   * Cursor of the page of matches before `start`, or null when there is no match before it: the oldest kept where those
   * are all there are, so that nothing is looked for in vain.
   */
  async #prev(bounds: Bounds, start: number, limit: number): Promise<number | null> {
    const { found, isAll } = await this.#search.backward(start, limit);
    const [first] = found;
    if (first === undefined) return null;
    return isAll ? bounds.first - 1 : first.seq - 1;
  }
}

/** @param bounds what is kept, or was found after the cursor */
function checkCursor(cursor: number, { first }: Pick<Bounds, "first">): void {
  if (cursor === 0 || first <= cursor + 1) return;
  const oldest = first - 1;
  throw new DevlatchError(
    "CURSOR_EXPIRED",
    `The messages ${cursor + 1} to ${oldest} are no longer kept.`,
    `Go on with --cursor ${oldest}, the oldest that works, or leave the cursor out for the last messages.`,
    { data: { cursor, oldest } },
  );
}

function twoDirections(): DevlatchError {
  return new DevlatchError(
    "INVALID_INPUT",
    "A page is read after a message or before one, not both.",
    "Give --cursor or --before.",
  );
}
