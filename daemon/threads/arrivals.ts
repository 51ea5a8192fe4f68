import type { DatabaseSync } from "node:sqlite";

/** No batch of that writer is let in any more. */
const closed = -1;
/** Entries of writers that died are kept so long, in milliseconds: one that hangs may come back until then. */
const keptMs = 24 * 3_600_000;

export const arrivalTable = `
  CREATE TABLE IF NOT EXISTS arrivals (writer TEXT PRIMARY KEY, number INTEGER NOT NULL, time INTEGER NOT NULL);
`;

/**
 * Which batches of a thread that writes in the background are in the file, noted by the transaction that brings them. A
 * writer that dies or hangs between its commit and its answer leaves the sender of the batch in doubt; this doesn't.
 * All methods run within a transaction of the caller. Times are milliseconds since the epoch.
 */
export class Arrivals {
  readonly #database: DatabaseSync;
  readonly #writer: string;

  /** @param writer a token of its own */
  constructor(database: DatabaseSync, writer: string) {
    this.#database = database;
    this.#writer = writer;
  }

  /** Before the first batch. @throws when the writer has been shut out meanwhile */
  begin(now: number): void {
    this.#database.prepare("DELETE FROM arrivals WHERE time < ?").run(now - keptMs);
    this.#database.prepare("INSERT INTO arrivals VALUES (?, 0, ?)").run(this.#writer, now);
  }

  /**
   * @param number of the batch: 1 for the first
   * @throws when the batch before it isn't in, or the writer was shut out: the transaction must be rolled back
   */
  arrive(number: number, now: number): void {
    const { changes } = this.#database
      .prepare("UPDATE arrivals SET number = ?, time = ? WHERE writer = ? AND number = ?")
      .run(number, now, this.#writer, number - 1);
    if (changes !== 1) throw new Error(`batch ${number} is out of its turn: another writer is at work now`);
  }

  /** Lets no more in. @returns the number of the last batch that is in, 0 when there is none */
  shutOut(now: number): number {
    const row = this.#database.prepare("SELECT number FROM arrivals WHERE writer = ?").get(this.#writer);
    this.#database.prepare("INSERT OR REPLACE INTO arrivals VALUES (?, ?, ?)").run(this.#writer, closed, now);
    return Number(row?.["number"] ?? 0);
  }

  /** After the last batch. */
  end(): void {
    this.#database.prepare("DELETE FROM arrivals WHERE writer = ?").run(this.#writer);
  }
}
