import type { Disposable } from "../../shared/base/disposable.ts";
import type { Exit } from "../../shared/model/exit.ts";
import type { ProcessIdentity } from "../../shared/model/process.ts";
import type { BackgroundOptions } from "./background.ts";
import { Committing, type Rest } from "./committing.ts";
import { Flood } from "./flood.ts";
import {
  clearRests,
  insertLaunch,
  type NewLaunch,
  selectRests,
  updateExit,
  updateLeader,
} from "./launches.ts";
import { finishLine, LineReader } from "./lines.ts";
import { type OpenThread, replaceDamaged } from "./repair.ts";
import { defaultRetention, type Retention } from "./retention.ts";
import { isDamage, openForWriting } from "./schema.ts";

/** Longest time output waits for its transaction, in milliseconds. */
const batchMs = 16;
/** Output that makes a transaction of its own, in bytes. */
const batchBytes = 256 * 1024;

export interface ThreadWriterOptions {
  readonly retention?: Retention;
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
  /** Milliseconds since any moment: what is a flood is told by it. */
  readonly monotonic?: () => number;
  /** Told when the file was set aside as damaged, or when output could not be written. */
  readonly onProblem?: (message: string) => void;
  /** Of the thread that writes a flood. */
  readonly background?: BackgroundOptions;
}

/**
 * Appends to one thread. Writes are batched: a transaction per 16 ms or 256 KiB. Memory is bounded whatever the
 * speed: `append` says when to pause, and a caller that doesn't listen is made to wait.
 *
 * A file that can't be written never stops the session: what doesn't fit in memory is given up, counted and, once
 * writing works again, told in an event. A damaged file is set aside and a new one begun with the next sequence.
 */
export class ThreadWriter implements Disposable {
  readonly #clock: () => number;
  readonly #file: Committing;
  readonly #flood: Flood;
  #closed = false;

  #lines = new LineReader();
  #launchId: string | undefined;
  /** Raw output not yet looked at. */
  #incoming: Uint8Array[] = [];
  #incomingBytes = 0;

  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;

  private constructor(file: string, thread: OpenThread, options: ThreadWriterOptions) {
    this.#clock = options.clock ?? Date.now;
    this.#flood = new Flood(options.monotonic ?? (() => performance.now()));
    this.#file = new Committing(thread, {
      file,
      retention: options.retention ?? defaultRetention,
      clock: this.#clock,
      onProblem: options.onProblem ?? (() => {}),
      background: options.background,
      onFailed: (retryMs) => {
        this.#flood.reset();
        this.#flushWithin(retryMs);
      },
    });
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
    return this.#file.onWrote;
  }

  /** Fires when a caller whom `append` told to pause may go on. */
  get onDrained() {
    return this.#file.onDrained;
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
    if (this.#incomingBytes + this.#file.pending.bytes < batchBytes) {
      this.#flushWithin(batchMs);
      return true;
    }
    if (isFlood && !this.#file.isFailing) {
      this.#read();
      return this.#file.commitBehind(this.#rest());
    }
    if (this.#incomingBytes + this.#file.pending.bytes >= 4 * batchBytes) {
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
    this.#add("event", [text]);
    this.#flushWithin(batchMs);
  }

  /**
   * Records the intent to launch, before anything is spawned; output belongs to this launch from here on. Lines
   * left unfinished by an earlier host become messages.
   * @throws when it can't be written: then nothing may be launched
   */
  beginLaunch(launch: NewLaunch): void {
    this.#read();
    for (const rest of selectRests(this.#file.database)) this.#add("output", finishLine(rest));
    const failure = this.#file.commit(undefined, ({ seq, offset }) => {
      clearRests(this.#file.database);
      insertLaunch(this.#file.database, launch, { firstSeq: seq + 1, firstOffset: offset });
    });
    if (failure) throw failure;
    this.#launchId = launch.launchId;
    this.#file.forgetRest();
  }

  /** Records the process that was spawned for the launch. */
  recordLeader(leader: ProcessIdentity): void {
    const launchId = this.#launchId;
    if (launchId === undefined) return;
    this.#read();
    this.#file.commit(this.#rest(), () => updateLeader(this.#file.database, launchId, leader));
  }

  /** Ends the launch: the unfinished line becomes a message, then `text` an event, and the exit is recorded. */
  endLaunch(exit: Exit, text: string): void {
    this.#read();
    this.#add("output", this.#lines.end());
    this.#lines = new LineReader();
    this.#add("event", [text]);
    const launchId = this.#launchId;
    this.#launchId = undefined;
    this.#file.commit(undefined, () => {
      if (launchId !== undefined) updateExit(this.#file.database, launchId, exit, this.#clock());
    });
  }

  /** Commits everything appended so far; readers see it when this returns (unless the file can't be written). */
  flush(): void {
    this.#flush();
    this.#file.settle();
  }

  /** Frees the pages of the file that SQLite keeps in memory. */
  giveBack(): void {
    if (!this.#closed) this.#file.giveBack();
  }

  /** Commits and closes. An unfinished line stays with its launch. */
  close(): void {
    if (this.#closed) return;
    this.#read();
    if (!this.#file.pending.isEmpty) this.#file.commit(this.#rest());
    this.#closed = true;
    this.#unschedule();
    this.#file.dispose();
  }

  dispose(): void {
    this.close();
  }

  #flush(): void {
    this.#read();
    this.#unschedule();
    this.#file.flush(this.#rest());
  }

  #flushWithin(ms: number): void {
    if (!this.#closed) this.#timer ??= setTimeout(() => this.#flush(), ms);
  }

  #unschedule(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
  }

  /** Looks where the messages are in what came in. */
  #read(): void {
    if (this.#incoming.length === 0) return;
    const bytes = Buffer.concat(this.#incoming);
    this.#incoming = [];
    this.#incomingBytes = 0;
    this.#file.pending.addOutput(bytes, this.#lines.take(bytes), this.#clock());
  }

  #add(kind: "output" | "event", texts: readonly string[]): void {
    this.#file.pending.add(kind, texts, this.#clock());
  }

  #rest(): Rest | undefined {
    return this.#launchId === undefined ? undefined : { launchId: this.#launchId, text: this.#lines.rest };
  }
}
