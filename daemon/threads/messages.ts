import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { MessageKind, ThreadMessage } from "../../shared/model/thread.ts";
import { type Block, lastSeqOf, messagesOf, toBlock } from "./blocks.ts";

/** First and last sequence kept. Nothing is missing between them. */
export interface Bounds {
  readonly first: number;
  readonly last: number;
}

/** Which messages are wanted, as far as the table itself tells them apart. */
export interface Wanted {
  readonly kinds?: readonly MessageKind[] | undefined;
  /** Not before this time, in milliseconds since the epoch. */
  readonly since?: number | undefined;
  /** Not after this time. */
  readonly until?: number | undefined;
}

/** Most text of one page, in UTF-16 code units: an answer is one message on the wire. */
export const maxPageLength = 1024 * 1024;

const columns = "first_seq, count, time, kind, text";
const isWanted =
  "(:kinds IS NULL OR instr(:kinds, '|' || kind || '|')) AND time BETWEEN coalesce(:since, time) AND coalesce(:until, time)";

/** Reads messages by sequence. */
export class MessageTable {
  readonly #from: StatementSync;
  readonly #before: StatementSync;
  readonly #bounds: StatementSync;
  readonly #wantedAfter: StatementSync;
  readonly #wantedBefore: StatementSync;
  readonly #firstSince: StatementSync;

  constructor(database: DatabaseSync) {
    const holding = "coalesce((SELECT max(first_seq) FROM blocks WHERE first_seq <= :seq), 0)";
    this.#from = database.prepare(
      `SELECT ${columns} FROM blocks WHERE first_seq >= ${holding} ORDER BY first_seq`,
    );
    this.#before = database.prepare(
      `SELECT ${columns} FROM blocks WHERE first_seq < :seq ORDER BY first_seq DESC`,
    );
    this.#wantedAfter = database.prepare(
      `SELECT ${columns} FROM blocks WHERE first_seq >= ${holding} AND first_seq <= :last AND ${isWanted} ORDER BY first_seq LIMIT :limit`,
    );
    this.#wantedBefore = database.prepare(
      `SELECT ${columns} FROM blocks WHERE first_seq < :seq AND ${isWanted} ORDER BY first_seq DESC LIMIT :limit`,
    );
    this.#firstSince = database.prepare(
      "SELECT first_seq FROM blocks WHERE time >= ? ORDER BY time, first_seq LIMIT 1",
    );
    // Scalar queries: each is one step in the index, min and max in one query would read the table.
    this.#bounds = database.prepare(
      `SELECT (SELECT min(first_seq) FROM blocks) AS first,
       (SELECT first_seq + count - 1 FROM blocks ORDER BY first_seq DESC LIMIT 1) AS last`,
    );
  }

  /**
   * At most `limit` messages behind `cursor`, ascending.
   * @param maxLength text of all of them, in UTF-16 code units; the first comes in any case
   */
  after(cursor: number, limit: number, maxLength = Number.POSITIVE_INFINITY): ThreadMessage[] {
    const found: ThreadMessage[] = [];
    let length = 0;
    for (const row of this.#from.iterate({ seq: cursor + 1 })) {
      for (const message of messagesOf(toBlock(row), cursor + 1, limit + 1 - found.length)) {
        length += message.text.length;
        if (found.length === limit || (length > maxLength && found.length > 0)) return found;
        found.push(message);
      }
    }
    return found;
  }

  /** The last messages before `seq`, none before `since`, ascending; as many as `after` gives. */
  before(seq: number, limit: number, since = 1, maxLength = Number.POSITIVE_INFINITY): ThreadMessage[] {
    const found: ThreadMessage[] = [];
    let length = 0;
    for (const row of this.#before.iterate({ seq })) {
      for (const message of messagesOf(toBlock(row)).reverse()) {
        if (message.seq >= seq) continue;
        length += message.text.length;
        const isFull = found.length === limit || (length > maxLength && found.length > 0);
        if (isFull || message.seq < since) return found.reverse();
        found.push(message);
      }
    }
    return found.reverse();
  }

  /**
   * At most `limit` blocks that may hold wanted messages from `seq` to `last`, ascending; the first may begin earlier.
   */
  wantedFrom(seq: number, last: number, wanted: Wanted, limit: number): Block[] {
    return this.#wantedAfter.all({ ...bind(wanted), seq, last, limit }).map(toBlock);
  }

  /** At most `limit` blocks that may hold wanted messages before `seq`, descending; the first may end later. */
  wantedBefore(seq: number, wanted: Wanted, limit: number): Block[] {
    return this.#wantedBefore.all({ ...bind(wanted), seq, limit }).map(toBlock);
  }

  /** The block that holds a message, or the next one. */
  blockAt(seq: number): Block | undefined {
    for (const row of this.#from.iterate({ seq })) {
      const block = toBlock(row);
      if (lastSeqOf(block) >= seq) return block;
    }
    return undefined;
  }

  /** Sequence of the first message that isn't older than this time (ms since the epoch); undefined if all are. */
  firstSince(time: number): number | undefined {
    const row = this.#firstSince.get(time);
    return row === undefined ? undefined : Number(row["first_seq"]);
  }

  /** @returns undefined for an empty thread */
  bounds(): Bounds | undefined {
    const row = this.#bounds.get();
    if (row === undefined || row["first"] === null) return undefined;
    return { first: Number(row["first"]), last: Number(row["last"]) };
  }
}

function bind({ kinds, since, until }: Wanted) {
  return {
    kinds: kinds === undefined ? null : `|${kinds.join("|")}|`,
    since: since ?? null,
    until: until ?? null,
  };
}
