import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { WordIndexer } from "./words.ts";

/** How much of a thread is kept. The oldest goes first, in batches. */
export interface Retention {
  /** Raw output for terminal replay, in bytes. */
  readonly rawBytes: number;
  readonly messages: number;
  /** Text of all messages, in UTF-16 code units: bounds the file. */
  readonly textLength: number;
  /** Age of the oldest message, in milliseconds. */
  readonly ageMs: number;
}

export const defaultRetention: Retention = {
  rawBytes: 16 * 1024 * 1024,
  messages: 2_000_000,
  textLength: 64 * 1024 * 1024,
  ageMs: 30 * 24 * 60 * 60_000,
};

/** Share of a limit that may pile up above it before a batch is dropped. */
const slack = 1 / 16;

/** A thread as a transaction leaves it. */
export interface Extent {
  /** Sequence of the newest message. */
  readonly seq: number;
  /** Length of all text up to and with that message. */
  readonly position: number;
  /** Offset behind the newest byte. */
  readonly offset: number;
  /** Now, in milliseconds since the epoch. */
  readonly time: number;
}

/**
 * Drops what is beyond the limits, inside the caller's transaction: whole blocks, and never the newest, so that a
 * reader sees where what is kept begins. Raw output likewise.
 */
export class Retainer {
  readonly #limits: Retention;
  readonly #words: WordIndexer;
  readonly #oldest: StatementSync;
  readonly #newest: StatementSync;
  readonly #at: StatementSync;
  readonly #youngerThan: StatementSync;
  readonly #dropBlocks: StatementSync;
  readonly #rawStart: StatementSync;
  readonly #dropChunks: StatementSync;

  constructor(database: DatabaseSync, limits: Retention, words: WordIndexer) {
    this.#limits = limits;
    this.#words = words;
    const columns = "SELECT first_seq, count, position, time FROM blocks";
    this.#oldest = database.prepare(`${columns} ORDER BY first_seq LIMIT 1`);
    this.#newest = database.prepare(`${columns} ORDER BY first_seq DESC LIMIT 1`);
    this.#at = database.prepare(`${columns} WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1`);
    this.#youngerThan = database.prepare(`${columns} WHERE time > ? ORDER BY first_seq LIMIT 1`);
    this.#dropBlocks = database.prepare("DELETE FROM blocks WHERE first_seq < ?");
    this.#rawStart = database.prepare("SELECT min(offset) AS start FROM chunks");
    this.#dropChunks = database.prepare(
      "DELETE FROM chunks WHERE offset < (SELECT max(offset) FROM chunks WHERE offset <= ?)",
    );
  }

  apply(extent: Extent): void {
    this.#retainMessages(extent);
    this.#retainRaw(extent.offset);
  }

  #retainMessages({ seq, position, time }: Extent): void {
    const oldest = this.#oldest.get();
    if (oldest === undefined) return;
    const first = Number(oldest["first_seq"]);
    const { messages, textLength, ageMs } = this.#limits;
    let keepFrom = first;
    if (seq - first + 1 > messages * (1 + slack)) keepFrom = seq - messages + 1;
    if (position - Number(oldest["position"]) > textLength * (1 + slack))
      keepFrom = Math.max(keepFrom, this.#firstWithin(position - textLength, first, seq));
    if (time - Number(oldest["time"]) > ageMs * (1 + slack))
      keepFrom = Math.max(keepFrom, Number(this.#youngerThan.get(time - ageMs)?.["first_seq"] ?? seq));
    if (keepFrom > first) this.#drop(keepFrom);
  }

  /** Drops the blocks before the one that holds this message; that one is kept whole. */
  #drop(keepFrom: number): void {
    const newest = Number(this.#newest.get()?.["first_seq"]);
    const from = Math.min(newest, Number(this.#at.get(keepFrom)?.["first_seq"]));
    this.#dropBlocks.run(from);
    this.#words.drop(from);
  }

  /**
   * The first sequence whose block begins at or behind a text position. Positions grow with sequences, so halving finds
   * it.
   */
  #firstWithin(position: number, low: number, high: number): number {
    let [from, to] = [low, high];
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      if (Number(this.#at.get(middle)?.["position"]) >= position) to = middle;
      else from = middle + 1;
    }
    return from;
  }

  #retainRaw(rawEnd: number): void {
    const start = this.#rawStart.get()?.["start"];
    if (start === null || start === undefined) return;
    if (rawEnd - Number(start) > this.#limits.rawBytes * (1 + slack)) {
      this.#dropChunks.run(rawEnd - this.#limits.rawBytes);
    }
  }
}
