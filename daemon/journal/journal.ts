import type { DatabaseSync } from "node:sqlite";
import type { Disposable } from "../../shared/base/disposable.ts";
import { JournalEntry, type JournalEvent, type JournalPage } from "../../shared/model/journal.ts";
import { isDamage, openJournalFile, setAside } from "./journal-file.ts";

/** Entries kept; the oldest go. */
const keptEntries = 100_000;
/** How many entries this process writes before it looks for old ones. */
const sweepEvery = 1_000;
/** Entries held at most while the file can't be written. */
const heldEntries = 5_000;

export interface JournalOptions {
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
  /** Told in a sentence when the file was set aside as damaged, or can't be written. */
  readonly onProblem?: (problem: string) => void;
}

/**
 * What happened on this machine, in one file that the daemon and the session hosts write together. Opened at the first
 * event. Nothing that Devlatch does fails because it can't be written: what can't be is held, and told once.
 */
export class Journal implements Disposable {
  readonly #file: string;
  readonly #clock: () => number;
  readonly #onProblem: (problem: string) => void;
  #database: DatabaseSync | undefined;
  #held: { time: number; event: JournalEvent }[] = [];
  #scheduled: NodeJS.Immediate | undefined;
  #written = 0;
  #failing = false;
  #disposed = false;

  constructor(file: string, options: JournalOptions = {}) {
    this.#file = file;
    this.#clock = options.clock ?? Date.now;
    this.#onProblem = options.onProblem ?? (() => {});
  }

  /** Writes the event once this turn of the event loop is over, together with what else comes in it. */
  append(event: JournalEvent): void {
    if (this.#disposed) return;
    this.#held.push({ time: this.#clock(), event });
    this.#scheduled ??= setImmediate(() => this.flush());
  }

  /** Writes what is held. */
  flush(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    if (this.#held.length === 0) return;
    try {
      this.#withFile((database) => this.#write(database));
      this.#held = [];
      this.#failing = false;
    } catch (error) {
      this.#held = this.#held.slice(-heldEntries);
      if (!this.#failing) this.#onProblem(`The journal ${this.#file} can't be written: ${String(error)}`);
      this.#failing = true;
    }
  }

  /**
   * Entries after `cursor` (0: from the oldest kept), oldest first; without a cursor the last ones.
   * @throws an error of SQLite where the file can't be read
   */
  page({ cursor, limit }: { cursor?: number | undefined; limit: number }): JournalPage {
    this.flush();
    return this.#withFile((database) => {
      const last = Number(database.prepare("SELECT max(seq) AS last FROM entry").get()?.["last"] ?? 0);
      const from = cursor ?? Math.max(0, last - limit);
      const rows = database
        .prepare("SELECT seq, time, event FROM entry WHERE seq > ? ORDER BY seq LIMIT ?")
        .all(from, limit);
      const entries = rows.map(({ seq, time, event }) =>
        JournalEntry.parse({ seq, time, event: JSON.parse(String(event)) }),
      );
      return { entries, next: entries.at(-1)?.seq ?? from };
    });
  }

  /** Moves the file out of the way, for somebody found that it is damaged, and begins a new one. @returns its new name */
  setAside(): string {
    this.#database?.close();
    this.#database = undefined;
    return setAside(this.#file);
  }

  dispose(): void {
    this.flush();
    this.#disposed = true;
    this.#database?.close();
    this.#database = undefined;
  }

  #write(database: DatabaseSync): void {
    const insert = database.prepare("INSERT INTO entry (time, kind, event) VALUES (?, ?, ?)");
    database.exec("BEGIN IMMEDIATE");
    try {
      for (const { time, event } of this.#held) insert.run(time, event.kind, JSON.stringify(event));
      this.#sweep(database);
      database.exec("COMMIT");
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }

  #sweep(database: DatabaseSync): void {
    this.#written += this.#held.length;
    if (this.#written < sweepEvery) return;
    this.#written = 0;
    database.prepare("DELETE FROM entry WHERE seq <= (SELECT max(seq) FROM entry) - ?").run(keptEntries);
  }

  /** A damaged file is set aside and a new one begun. */
  #withFile<T>(work: (database: DatabaseSync) => T): T {
    try {
      this.#database ??= openJournalFile(this.#file);
      return work(this.#database);
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#database?.close();
      this.#database = undefined;
      this.#onProblem(`The journal was damaged (${String(error)}) and set aside as ${setAside(this.#file)}.`);
      this.#database = openJournalFile(this.#file);
      return work(this.#database);
    }
  }
}
