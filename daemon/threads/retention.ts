import type { DatabaseSync } from "node:sqlite";

/** How much of a thread is kept. The oldest goes first, in batches. */
export interface Retention {
  /** Raw output for terminal replay, in bytes. */
  readonly rawBytes: number;
  readonly messages: number;
  /** Text of all messages, in UTF-16 code units: bounds the file when lines are very long. */
  readonly textLength: number;
}

export const defaultRetention: Retention = {
  rawBytes: 16 * 1024 * 1024,
  messages: 200_000,
  textLength: 64 * 1024 * 1024,
};

/** Share of a limit that may pile up above it before a batch is dropped. */
const slack = 1 / 16;

/** Drops what is beyond the limits, inside the caller's transaction. The newest message and chunk always stay. */
export class Retainer {
  readonly #limits: Retention;
  readonly #bounds;
  readonly #positionOf;
  readonly #dropMessages;
  readonly #rawStart;
  readonly #dropChunks;

  constructor(database: DatabaseSync, limits: Retention) {
    this.#limits = limits;
    this.#bounds = database.prepare(
      "SELECT seq, position FROM messages WHERE seq = (SELECT min(seq) FROM messages)",
    );
    this.#positionOf = database.prepare("SELECT position FROM messages WHERE seq = ?");
    this.#dropMessages = database.prepare("DELETE FROM messages WHERE seq < ?");
    this.#rawStart = database.prepare("SELECT min(offset) AS start FROM chunks");
    this.#dropChunks = database.prepare(
      "DELETE FROM chunks WHERE offset < (SELECT max(offset) FROM chunks WHERE offset <= ?)",
    );
  }

  /**
   * @param lastSeq sequence of the newest message
   * @param textEnd length of all text up to and with that message
   * @param rawEnd offset behind the newest byte
   */
  apply(lastSeq: number, textEnd: number, rawEnd: number): void {
    this.#retainMessages(lastSeq, textEnd);
    this.#retainRaw(rawEnd);
  }

  #retainMessages(lastSeq: number, textEnd: number): void {
    const row = this.#bounds.get();
    if (row === undefined) return;
    const first = Number(row["seq"]);
    const { messages, textLength } = this.#limits;
    if (lastSeq - first + 1 > messages * (1 + slack)) this.#dropMessages.run(lastSeq - messages + 1);
    if (textEnd - Number(row["position"]) > textLength * (1 + slack)) {
      const oldest = Math.max(first, lastSeq - messages + 1);
      this.#dropMessages.run(this.#firstWithin(textEnd - textLength, oldest, lastSeq));
    }
  }

  /** The first sequence at or behind a text position. Sequences have no gaps, so halving finds it. */
  #firstWithin(position: number, low: number, high: number): number {
    let [from, to] = [low, high];
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      if (Number(this.#positionOf.get(middle)?.["position"]) >= position) to = middle;
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
