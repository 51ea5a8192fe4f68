import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { ThreadMessage } from "../../shared/model/thread.ts";

/** First and last sequence kept. Nothing is missing between them. */
export interface Bounds {
  readonly first: number;
  readonly last: number;
}

/** Reads messages by sequence. */
export class MessageTable {
  readonly #after;
  readonly #before;
  readonly #bounds;

  constructor(database: DatabaseSync) {
    this.#after = database.prepare(
      "SELECT seq, time, kind, text FROM messages WHERE seq > ? ORDER BY seq LIMIT ?",
    );
    this.#before = database.prepare(
      "SELECT seq, time, kind, text FROM messages WHERE seq < ? AND seq >= ? ORDER BY seq DESC LIMIT ?",
    );
    // Two scalar queries: each is one step in the index, min and max in one query would read the table.
    this.#bounds = database.prepare(
      "SELECT (SELECT min(seq) FROM messages) AS first, (SELECT max(seq) FROM messages) AS last",
    );
  }

  /** At most `limit` messages behind `cursor`, ascending. */
  after(cursor: number, limit: number): ThreadMessage[] {
    return this.#after.all(cursor, limit).map(toMessage);
  }

  /** The last `limit` messages before `seq`, none before `since`, ascending. */
  before(seq: number, limit: number, since = 1): ThreadMessage[] {
    return this.#before.all(seq, since, limit).map(toMessage).reverse();
  }

  /** @returns undefined for an empty thread */
  bounds(): Bounds | undefined {
    const row = this.#bounds.get();
    if (row === undefined || row["first"] === null) return undefined;
    return { first: Number(row["first"]), last: Number(row["last"]) };
  }
}

function toMessage(row: Record<string, SQLOutputValue>): ThreadMessage {
  return {
    seq: Number(row["seq"]),
    time: Number(row["time"]),
    kind: row["kind"] === "event" ? "event" : "output",
    text: String(row["text"]),
  };
}
