import type { DatabaseSync } from "node:sqlite";
import type { Disposable } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import type { JournalEvent } from "../../shared/model/journal.ts";
import { subjectOf } from "../../shared/model/journal-subject.ts";
import {
  currentGeneration,
  type Generation,
  isCurrent,
  isSafeToClose,
  refreshed,
  replaceDamaged,
} from "./generations.ts";
import { Mark } from "./mark.ts";
import { defaultRetention, type JournalRetention, retain } from "./retention.ts";
import { boundsOf, isBusy, isDamage, openJournalFile } from "./schema.ts";

/** How many entries this process writes, or how long it takes (ms), before it looks for old ones. */
const sweepEvery = 1_000;
const sweepEveryMs = 3_600_000;
/** Entries held at most while the file can't be written; the oldest are given up, and that is told. */
const heldEntries = 5_000;
/** Pause before a file that can't be written is tried again, in milliseconds. */
const retryMs = 1_000;
/** How long the last write waits for others, in milliseconds. */
const lastWaitMs = 1_000;
/** A file that others write is busy for a moment; for longer than this it is worth a word, in milliseconds. */
const patienceMs = 10_000;
/** Others may replace the file at the same time; more often than this it isn't tried. */
const attempts = 4;

export interface JournalOptions {
  readonly retention?: JournalRetention;
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
  /** Told in a sentence when the file was set aside as damaged, or can't be written. */
  readonly onProblem?: (problem: string) => void;
}

interface Held {
  readonly time: number;
  readonly event: JournalEvent;
}

/** Files that were removed while they were open: closing them could take the log of a new one (see `Generation`). */
const parked: DatabaseSync[] = [];

/**
 * What happened on this machine, in one file that the daemon and the session hosts write together. Opened at the first
 * event. Nothing that Devlatch does fails because it can't be written: what can't be is held, tried again and told.
 */
export class Journal implements Disposable {
  readonly #file: string;
  readonly #options: Required<JournalOptions>;
  readonly #mark: Mark;
  readonly #blocked = new Emitter<void>();
  #open: OpenGeneration | undefined;
  #held: Held[] = [];
  #scheduled: NodeJS.Immediate | undefined;
  #retry: NodeJS.Timeout | undefined;
  #sinceSweep = { entries: sweepEvery, at: 0 };
  #failing: { readonly since: number; told: boolean; reason: string } | undefined;
  #lost = { events: 0, reason: "" };
  #disposed = false;

  constructor(file: string, options: JournalOptions = {}) {
    this.#file = file;
    this.#options = { retention: defaultRetention, clock: Date.now, onProblem: () => {}, ...options };
    this.#mark = new Mark(file);
  }

  /** Fires when the file can't be written for longer than a moment, and when it can again; see `blocked`. */
  readonly onBlocked = this.#blocked.event;

  /** Why the file can't be written; undefined while it can. */
  get blocked(): string | undefined {
    return this.#failing?.told ? this.#failing.reason : undefined;
  }

  /** Writes the event once this turn of the event loop is over, together with what else comes in it. */
  append(event: JournalEvent): void {
    if (this.#disposed) return;
    this.#held.push({ time: this.#options.clock(), event });
    // While it fails, the next attempt has its own time: each may wait for others.
    if (this.#retry === undefined) this.#scheduled ??= setImmediate(() => this.flush());
  }

  /** Writes what is held. @returns whether everything is written */
  flush(): boolean {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    if (this.#held.length === 0) return true;
    try {
      this.withFile((database) => this.#write(database));
      this.#held = [];
      this.#lost = { events: 0, reason: "" };
      const wasBlocked = this.#failing?.told;
      this.#failing = undefined;
      if (wasBlocked) this.#blocked.fire();
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  /**
   * Begins a new file, for a check found this one damaged.
   * @returns where the damaged one is; undefined where it could not be kept or another process was faster
   */
  setAside(): string | undefined {
    const found = this.#open ?? currentGeneration(this.#file);
    return this.#replace(found, new Error("a check of the whole file found it so"));
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    // There is no second attempt.
    this.#open?.database.exec(`PRAGMA busy_timeout = ${lastWaitMs}`);
    this.flush();
    this.#leave();
    this.#blocked.dispose();
  }

  #fail(error: unknown): void {
    const reason = wordsOf(error);
    const surplus = this.#held.length - heldEntries;
    if (surplus > 0) {
      this.#held.splice(0, surplus);
      this.#lost = { events: this.#lost.events + surplus, reason };
    }
    this.#failing ??= { since: performance.now(), told: false, reason };
    const isWorthTelling = !isBusy(error) || performance.now() - this.#failing.since > patienceMs;
    if (isWorthTelling && !this.#failing.told) {
      this.#failing.told = true;
      this.#options.onProblem(`The journal ${this.#file} can't be written: ${reason}`);
      this.#blocked.fire();
    }
    if (this.#disposed) return;
    this.#retry = setTimeout(() => this.flush(), retryMs);
    this.#retry.unref();
  }

  #write(database: DatabaseSync): void {
    const insert = database.prepare(
      "INSERT INTO entry (time, kind, event, sandbox, session) VALUES (?, ?, ?, ?, ?)",
    );
    database.exec("BEGIN IMMEDIATE");
    try {
      const all = [...this.#lostEvents(), ...this.#held];
      this.#mark.cover(boundsOf(database).last + all.length);
      for (const { time, event } of all) {
        const { sandboxId = null, session = null } = subjectOf(event);
        insert.run(time, event.kind, JSON.stringify(event), sandboxId, session);
      }
      this.#sweep(database, all.length);
      database.exec("COMMIT");
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }

  #lostEvents(): readonly Held[] {
    const { events, reason } = this.#lost;
    if (events === 0) return [];
    const time = this.#options.clock();
    return [{ time, event: { kind: "journal", change: { kind: "lost", events, reason } } }];
  }

  #sweep(database: DatabaseSync, written: number): void {
    const now = this.#options.clock();
    const { entries, at } = this.#sinceSweep;
    const isDue = entries + written >= sweepEvery || Math.abs(now - at) >= sweepEveryMs;
    this.#sinceSweep = isDue ? { entries: 0, at: now } : { entries: entries + written, at };
    if (isDue) retain(database, this.#options.retention, now);
  }

  /**
   * Works on the file in use; a damaged one is replaced first, what went into it meanwhile is repeated.
   */
  protected withFile<T>(work: (database: DatabaseSync) => T): T {
    for (let attempt = 1; ; attempt++) {
      let found: Generation | undefined;
      try {
        if (this.#open && !isCurrent(this.#file, this.#open)) this.#leave();
        found = this.#open ?? currentGeneration(this.#file);
        this.#open ??= openGeneration(found, this.#mark);
        const result = work(this.#open.database);
        if (isCurrent(this.#file, this.#open) || attempt === attempts) return result;
      } catch (error) {
        if (!found || !isDamage(error) || attempt === attempts) throw error;
        this.#replace(found, error);
      }
    }
  }

  #leave(): void {
    if (!this.#open) return;
    if (isSafeToClose(this.#file, this.#open)) this.#open.database.close();
    else parked.push(this.#open.database);
    this.#open = undefined;
  }

  /** @returns where the damaged file is now, if this process moved it and could keep it */
  #replace(damaged: Generation, error: unknown): string | undefined {
    this.#leave();
    const reason = wordsOf(error);
    const describe = (aside: string | null) =>
      JSON.stringify({ kind: "journal", change: { kind: "damaged", reason, aside } } satisfies JournalEvent);
    const where = { mark: this.#mark, now: this.#options.clock() };
    const replaced = replaceDamaged(this.#file, damaged, describe, where);
    if (!replaced) return undefined;
    const kept = replaced.aside === null ? "could not be kept" : `set aside as ${replaced.aside}`;
    this.#options.onProblem(`The journal was damaged (${reason}) and ${kept}.`);
    return replaced.aside ?? undefined;
  }
}

interface OpenGeneration extends Generation {
  readonly database: DatabaseSync;
}

function openGeneration(found: Generation, mark: Mark): OpenGeneration {
  const database = openJournalFile(found.path, mark.firstAfterLoss() ?? 1);
  return { ...refreshed(found), database };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
