import type { DatabaseSync } from "node:sqlite";
import type { MessageKind } from "../../shared/model/thread.ts";
import { Retainer, type Retention } from "./retention.ts";

/** A message before it has a sequence. */
export interface NewMessage {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly kind: MessageKind;
  readonly text: string;
}

/** What one transaction adds to a thread. */
export interface Batch {
  readonly messages: readonly NewMessage[];
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
  readonly #lastMessage;
  readonly #lastChunk;
  readonly #insertMessage;
  readonly #insertChunk;
  readonly #updateRest;

  constructor(database: DatabaseSync, retention: Retention) {
    this.#database = database;
    this.#retainer = new Retainer(database, retention);
    this.#lastMessage = database.prepare(
      "SELECT seq, position, length(text) AS length FROM messages ORDER BY seq DESC LIMIT 1",
    );
    this.#lastChunk = database.prepare(
      "SELECT offset + length(bytes) AS end FROM chunks ORDER BY offset DESC LIMIT 1",
    );
    this.#insertMessage = database.prepare("INSERT INTO messages VALUES (?, ?, ?, ?, ?)");
    this.#insertChunk = database.prepare("INSERT OR REPLACE INTO chunks VALUES (?, ?)");
    this.#updateRest = database.prepare("UPDATE launches SET rest = ? WHERE launch_id = ?");
  }

  /**
   * Adds the batch in one transaction; nothing of it is there if this throws.
   * @param also further changes of the same transaction; gets the new end
   * @returns the new end
   */
  commit(batch: Batch, also?: (end: ThreadEnd) => void): ThreadEnd {
    return this.#transaction(() => {
      const after = this.#add(batch, this.#end());
      also?.(after);
      this.#retainer.apply(after.seq, after.position, after.offset);
      return after;
    });
  }

  /** Runs `work` in a transaction that has the write lock from its start. */
  #transaction<T>(work: () => T): T {
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

  #end(): ThreadEnd {
    const message = this.#lastMessage.get();
    const seq = Number(message?.["seq"] ?? 0);
    const position = Number(message?.["position"] ?? 0) + Number(message?.["length"] ?? 0);
    return { seq, position, offset: Number(this.#lastChunk.get()?.["end"] ?? 0) };
  }

  #add(batch: Batch, before: ThreadEnd): ThreadEnd {
    let { seq, position, offset } = before;
    for (const { time, kind, text } of batch.messages) {
      this.#insertMessage.run(++seq, time, kind, text, position);
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
