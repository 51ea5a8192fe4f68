import type { DatabaseSync } from "node:sqlite";
import type { Disposable } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import type { ProcessIdentity } from "../../shared/model/process.ts";
import type { Exit } from "../../shared/model/session.ts";
import { BackgroundCommitter } from "./background.ts";
import { type Batch, Committer, type ThreadEnd } from "./commit.ts";
import { Flood } from "./flood.ts";
import { Indexing } from "./indexing.ts";
import {
  clearRests,
  insertLaunch,
  type NewLaunch,
  selectRests,
  updateExit,
  updateLeader,
} from "./launches.ts";
import { finishLine, LineReader } from "./lines.ts";
import { Pending } from "./pending.ts";
import { type OpenThread, replaceDamaged } from "./repair.ts";
import { defaultRetention, type Retention } from "./retention.ts";
import { isDamage, openForWriting } from "./schema.ts";

/** Longest time output waits for its transaction, in milliseconds. */
const batchMs = 16;
/** Output that makes a transaction of its own, in bytes. */
const batchBytes = 256 * 1024;
/** Pause before the file is tried again after a failed write, in milliseconds. */
const retryMs = 500;

export interface ThreadWriterOptions {
  readonly retention?: Retention;
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
  /** Told when the file was set aside as damaged, or when output could not be written. */
  readonly onProblem?: (message: string) => void;
}

/**
 * Appends to one thread. Writes are batched: a transaction per 16 ms or 256 KiB. Memory is bounded whatever the
 * speed: `append` says when to pause, and a caller that doesn't listen is made to wait.
 *
 * A file that can't be written never stops the session: what doesn't fit in memory is given up, counted and, once
 * writing works again, told in an event. A damaged file is set aside and a new one begun with the next sequence.
 */
export class ThreadWriter implements Disposable {
  readonly #file: string;
  readonly #clock: () => number;
  readonly #retention: Retention;
  readonly #onProblem: (message: string) => void;
  readonly #wrote = new Emitter<number>();
  readonly #drained = new Emitter<void>();
  readonly #indexing = new Indexing(() => this.#committer.index());

  #database: DatabaseSync;
  #committer: Committer;
  #closed = false;

  #lines = new LineReader();
  #launchId: string | undefined;
  /** As the file has it; undefined where that isn't known. */
  #savedRest: string | undefined = "";

  // Raw output not yet looked at, then what it became and waits to be committed.
  #incoming: Uint8Array[] = [];
  #incomingBytes = 0;
  readonly #pending = new Pending();

  /** Commits while output comes in floods. */
  #background: BackgroundCommitter | undefined;
  readonly #flood = new Flood();

  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #failing = false;
  #retryAt = 0;

  private constructor(file: string, thread: OpenThread, options: ThreadWriterOptions) {
    this.#file = file;
    this.#retention = options.retention ?? defaultRetention;
    this.#clock = options.clock ?? Date.now;
    this.#onProblem = options.onProblem ?? (() => {});
    this.#database = thread.database;
    this.#committer = new Committer(thread.database, this.#retention, this.#clock);
    if (thread.damage !== undefined) this.#onProblem(thread.damage);
  }

  /**
   * Opens the thread for writing, creating the file (0600) where there is none. A damaged file is set aside.
   * @throws an error of SQLite or the file system when the file can't be created or written
   */
  static open(file: string, options: ThreadWriterOptions = {}): ThreadWriter {
    const clock = options.clock ?? Date.now;
    try {
      return new ThreadWriter(file, { database: openForWriting(file) }, options);
    } catch (error) {
      if (!isDamage(error)) throw error;
      return new ThreadWriter(file, replaceDamaged(file, error, clock()), options);
    }
  }

  /** Fires after each transaction with the sequence of the thread's last message. */
  get onWrote() {
    return this.#wrote.event;
  }

  /** Fires when a caller whom `append` told to pause may go on. */
  get onDrained() {
    return this.#drained.event;
  }

  /**
   * Adds raw output. The bytes are not copied: the caller must not change them afterwards.
   * @returns false when the caller should pause until `onDrained`
   */
  append(bytes: Uint8Array): boolean {
    if (this.#closed || bytes.length === 0) return true;
    const isFlood = this.#flood.isOn(bytes.length);
    this.#incoming.push(bytes);
    this.#incomingBytes += bytes.length;
    if (this.#incomingBytes < batchBytes) {
      this.#schedule();
      return true;
    }
    if (isFlood && !this.#failing) return this.#commitBehind();
    if (this.#incomingBytes >= 4 * batchBytes) {
      this.flush();
      return true;
    }
    // Not at once: requests and signals get their turn between two transactions.
    this.#immediate ??= setImmediate(() => this.#flush());
    return false;
  }

  /** Adds something Devlatch did or saw, after the output so far. */
  event(text: string): void {
    if (this.#closed) return;
    this.#read();
    this.#pending.add("event", [text], this.#clock());
    this.#schedule();
  }

  /**
   * Records the intent to launch, before anything is spawned; output belongs to this launch from here on. Lines
   * left unfinished by an earlier host become messages.
   * @throws when it can't be written: then nothing may be launched
   */
  beginLaunch(launch: NewLaunch): void {
    this.#read();
    for (const rest of selectRests(this.#database))
      this.#pending.add("output", finishLine(rest), this.#clock());
    const failure = this.#commit(({ seq, offset }) => {
      clearRests(this.#database);
      insertLaunch(this.#database, launch, { firstSeq: seq + 1, firstOffset: offset });
    });
    if (failure) throw failure;
    this.#launchId = launch.launchId;
    this.#savedRest = "";
  }

  /** Records the process that was spawned for the launch. */
  recordLeader(leader: ProcessIdentity): void {
    const launchId = this.#launchId;
    if (launchId === undefined) return;
    this.#read();
    this.#commit(() => updateLeader(this.#database, launchId, leader));
  }

  /** Ends the launch: the unfinished line becomes a message, then `text` an event, and the exit is recorded. */
  endLaunch(exit: Exit, text: string): void {
    this.#read();
    this.#pending.add("output", this.#lines.end(), this.#clock());
    this.#lines = new LineReader();
    this.#pending.add("event", [text], this.#clock());
    const launchId = this.#launchId;
    this.#launchId = undefined;
    this.#commit(() => {
      if (launchId !== undefined) updateExit(this.#database, launchId, exit, this.#clock());
    });
  }

  /** Commits everything appended so far; readers see it when this returns (unless the file can't be written). */
  flush(): void {
    this.#flush();
    this.#background?.settle();
  }

  #flush(): void {
    this.#read();
    this.#unschedule();
    if (this.#pending.isEmpty) this.#drained.fire();
    else if (this.#failing && this.#clock() < this.#retryAt) this.#hold();
    else if (this.#background) this.#commitBehind();
    else this.#commit();
  }

  /** Commits and closes. An unfinished line stays with its launch. */
  close(): void {
    if (this.#closed) return;
    this.#read();
    if (!this.#pending.isEmpty) this.#commit();
    this.#endBackground();
    this.#closed = true;
    this.#unschedule();
    this.#indexing.dispose();
    this.#database.close();
    this.#wrote.dispose();
    this.#drained.dispose();
  }

  dispose(): void {
    this.close();
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#flush(), this.#failing ? retryMs : batchMs);
  }

  #unschedule(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
  }

  /** Turns what came in into messages. */
  #read(): void {
    if (this.#incoming.length === 0) return;
    const bytes = Buffer.concat(this.#incoming);
    this.#incoming = [];
    this.#incomingBytes = 0;
    this.#pending.add("output", this.#lines.push(bytes), this.#clock());
    this.#pending.addRaw(bytes);
  }

  /** @returns the error when nothing could be written; the batch is then kept as far as memory allows */
  #commit(also?: (end: ThreadEnd) => void): Error | undefined {
    this.#unschedule();
    this.#background?.settle();
    try {
      const batch = this.#batch();
      const end = this.#committer.commit(batch, also);
      this.#handOver(batch);
      this.#failing = false;
      this.#drained.fire();
      this.#tellWritten(end, batch);
      return undefined;
    } catch (error) {
      const repaired = isDamage(error) && this.#repair(error);
      if (repaired) return this.#commit(also);
      this.#failed(error);
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Has the batch committed on another thread. @returns whether more may come before that */
  #commitBehind(): boolean {
    this.#read();
    this.#unschedule();
    this.#background ??= new BackgroundCommitter(this.#file, this.#retention, {
      committed: (end, batch) => {
        if (this.#background?.hasRoom ?? true) this.#drained.fire();
        this.#tellWritten(end, batch);
      },
      failed: (batches) => this.#takeBack(batches),
      idle: () => this.#endBackground(),
    });
    const batch = this.#batch();
    this.#handOver(batch);
    this.#background.post(batch);
    return this.#background.hasRoom;
  }

  #endBackground(): void {
    this.#background?.dispose();
    this.#background = undefined;
  }

  /** What the other thread couldn't write is tried here, where it is known what to do then. */
  #takeBack(batches: readonly Batch[]): void {
    this.#background = undefined;
    this.#flood.reset();
    this.#savedRest = undefined;
    this.#pending.takeBack(batches);
    if (!this.#closed) this.#commit();
  }

  #batch(): Batch {
    const rest = this.#lines.rest;
    const changed = this.#launchId !== undefined && rest !== this.#savedRest;
    return {
      ...this.#pending.batch(this.#clock()),
      ...(changed ? { rest: { launchId: this.#launchId ?? "", text: rest } } : {}),
    };
  }

  /** What comes now belongs to the next batch. */
  #handOver({ rest }: Batch): void {
    if (rest) this.#savedRest = rest.text;
    this.#pending.clear();
  }

  #tellWritten({ seq }: ThreadEnd, { blocks, raw }: Batch): void {
    if (blocks.length > 0) this.#indexing.wrote(blocks.reduce((sum, { text }) => sum + text.length, 1));
    if (blocks.length > 0 || raw.length > 0) this.#wrote.fire(seq);
  }

  #failed(error: unknown): void {
    if (!this.#failing) this.#onProblem(`The thread ${this.#file} can't be written: ${describe(error)}`);
    this.#failing = true;
    this.#retryAt = this.#clock() + retryMs;
    this.#hold();
  }

  /** Keeps what couldn't be written for the next try, up to a limit: the session runs on whatever the disk does. */
  #hold(): void {
    this.#pending.bound();
    if (!this.#closed) this.#schedule();
    this.#drained.fire();
  }

  /** Sets the damaged file aside and begins a new one. @returns whether that worked */
  #repair(error: unknown): boolean {
    try {
      this.#endBackground();
      this.#database.close();
      const thread = replaceDamaged(this.#file, error, this.#clock());
      this.#database = thread.database;
      this.#committer = new Committer(thread.database, this.#retention, this.#clock);
      this.#onProblem(thread.damage ?? "");
      return true;
    } catch (again) {
      this.#onProblem(`The damaged thread ${this.#file} can't be replaced: ${describe(again)}`);
      return false;
    }
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
