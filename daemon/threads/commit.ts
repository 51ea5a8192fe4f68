import type { DatabaseSync } from "node:sqlite";
import { gatherBlocks, type NewMessages } from "./blocks.ts";
import { Retainer, type Retention } from "./retention.ts";
import { WordIndexer } from "./words.ts";

/** What one transaction adds to a thread. */
export interface Batch {
  /** New messages in order. The thread that commits them renders what isn't: in a flood that is another one. */
  readonly messages: readonly NewMessages[];
  /** Raw output in order. */
  readonly raw: readonly Uint8Array[];
  /** The unfinished line of a launch, where it changed. */
  readonly rest?: { readonly launchId: string; readonly text: string };
}

/** Where a thread ends. */
export interface ThreadEnd {
  /** Sequence of the last message; 0 when there is none. */
  readonly seq: number;
  /** Length of all text so far; an estimate (SQLite counts code points, we count UTF-16 units). */
  readonly position: number;
  /** Bytes of raw output so far, those no longer kept included. */
  readonly offset: number;
}

/**
 * Writes batches to one open file. Several processes may write the same thread: its end is read inside the
 * transaction. The insert into `chunks` replaces because a repaired file begins with an empty chunk at its offset.
 */
export class Committer {
  readonly #database: DatabaseSync;
  readonly #retainer: Retainer;
  readonly #words: WordIndexer;
  readonly #clock: () => number;
  readonly #lastMessage;
  readonly #lastChunk;
  readonly #insertBlock;
  readonly #insertChunk;
  readonly #updateRest;

  /** @param clock milliseconds since the epoch */
  constructor(database: DatabaseSync, retention: Retention, clock: () => number) {
    this.#database = database;
    this.#clock = clock;
    this.#words = new WordIndexer(database);
    this.#retainer = new Retainer(database, retention, this.#words);
    this.#lastMessage = database.prepare(
      "SELECT first_seq + count - 1 AS seq, position, length(text) AS length FROM blocks ORDER BY first_seq DESC LIMIT 1",
    );
    this.#lastChunk = database.prepare(
      "SELECT offset + length(bytes) AS end FROM chunks ORDER BY offset DESC LIMIT 1",
    );
    this.#insertBlock = database.prepare("INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?)");
    this.#insertChunk = database.prepare("INSERT OR REPLACE INTO chunks VALUES (?, ?)");
    this.#updateRest = database.prepare("UPDATE launches SET rest = ? WHERE launch_id = ?");
  }

  /**
   * Adds the batch in one transaction; nothing of it is there if this throws.
   * @param also further changes of the same transaction; gets the new end
   * @returns the new end
   */
  commit(batch: Batch, also?: (end: ThreadEnd) => void): ThreadEnd {
    return this.transaction(() => {
      const after = this.#add(batch, this.end());
      also?.(after);
      this.#retainer.apply({ ...after, time: this.#clock() });
      return after;
    });
  }

  /** Enters a slice of what was committed into the index of words. @returns whether something is left */
  index(): boolean {
    return this.transaction(() => this.#words.step());
  }

  /** Runs `work` in a transaction that has the write lock from its start. */
  transaction<T>(work: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      // On some errors (full disk) SQLite has rolled back already.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  /** Where the thread ends now. */
  end(): ThreadEnd {
    const message = this.#lastMessage.get();
    const seq = Number(message?.["seq"] ?? 0);
    const position = Number(message?.["position"] ?? 0) + Number(message?.["length"] ?? 0);
    return { seq, position, offset: Number(this.#lastChunk.get()?.["end"] ?? 0) };
  }

  #add(batch: Batch, before: ThreadEnd): ThreadEnd {
    let { seq, position, offset } = before;
    const base = seq + 1;
    for (const { firstSeq, count, time, kind, text } of gatherBlocks(batch.messages)) {
      this.#insertBlock.run(base + firstSeq, count, time, kind, text, position);
      seq += count;
      position += text.length;
    }
    if (batch.raw.length > 0) {
      const bytes = batch.raw.length === 1 && batch.raw[0] ? batch.raw[0] : Buffer.concat(batch.raw);
      this.#insertChunk.run(offset, bytes);
      offset += bytes.length;
    }
    if (batch.rest) this.#updateRest.run(batch.rest.text, batch.rest.launchId);
    return { seq, position, offset };
  }
}
