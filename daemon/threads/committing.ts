import type { DatabaseSync } from "node:sqlite";
import type { Disposable } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import { Arrivals } from "./arrivals.ts";
import { BackgroundCommitter, type BackgroundOptions, type Doubt } from "./background.ts";
import type { NewMessages } from "./blocks.ts";
import { type Batch, Committer, type ThreadEnd } from "./commit.ts";
import { Indexing } from "./indexing.ts";
import { Pending } from "./pending.ts";
import { type OpenThread, replaceDamaged } from "./repair.ts";
import type { Retention } from "./retention.ts";
import { isDamage } from "./schema.ts";

/** Pause before the file is tried again after a failed write, in milliseconds. */
const retryMs = 500;

export interface CommittingOptions {
  readonly file: string;
  readonly retention: Retention;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly onProblem: (message: string) => void;
  readonly background?: BackgroundOptions | undefined;
  /** Told when something has to be tried again after this many milliseconds. */
  readonly onFailed: (retryMs: number) => void;
}

/** The unfinished line of a launch. */
export type Rest = NonNullable<Batch["rest"]>;

/**
 * Gets what is pending into the file, here or on another thread, and knows what to do where that fails: hold, give up
 * what is too much, replace a damaged file.
 */
export class Committing implements Disposable {
  readonly pending = new Pending();
  readonly #options: CommittingOptions;
  readonly #wrote = new Emitter<number>();
  readonly #drained = new Emitter<void>();
  readonly #indexing = new Indexing(() => this.#committer.index());
  #database: DatabaseSync;
  #committer: Committer;
  #background: BackgroundCommitter | undefined;
  /** As the file has it; undefined where that isn't known. */
  #savedRest: string | undefined = "";
  #failing = false;
  #retryAt = 0;
  #closed = false;

  /** Fires after each transaction with the sequence of the thread's last message. */
  readonly onWrote = this.#wrote.event;
  /** Fires when more may come. */
  readonly onDrained = this.#drained.event;

  constructor(thread: OpenThread, options: CommittingOptions) {
    this.#options = options;
    this.#database = thread.database;
    this.#committer = this.#committerOf(thread);
    if (thread.damage !== undefined) options.onProblem(thread.damage);
  }

  /** For what a transaction changes beside messages. */
  get database(): DatabaseSync {
    return this.#database;
  }

  get isFailing(): boolean {
    return this.#failing;
  }

  /** See `ThreadWriter.giveBack`. */
  giveBack(): void {
    try {
      this.#database.exec("PRAGMA shrink_memory");
    } catch {
      // A file that can't be used now is told of by its next commit.
    }
  }

  /** Commits what is pending, unless it failed a moment ago; where another thread commits already, there. */
  flush(rest: Rest | undefined): void {
    if (this.pending.isEmpty) this.#drained.fire();
    else if (this.#failing && this.#options.clock() < this.#retryAt) this.#hold();
    else if (this.#background) this.commitBehind(rest);
    else this.commit(rest);
  }

  /**
   * Commits in this thread, after all that is under way on the other.
   * @param also further changes of the same transaction
   * @returns the error when nothing could be written; the batch is then kept as far as memory allows
   */
  commit(rest: Rest | undefined, also?: (end: ThreadEnd) => void): Error | undefined {
    this.settle();
    try {
      this.#resolve();
      const batch = this.#batch(rest);
      const end = this.#committer.commit(batch, also);
      this.#handOver(batch);
      this.#failing = false;
      this.#drained.fire();
      this.#tellWritten(end, batch);
      return undefined;
    } catch (error) {
      if (isDamage(error) && this.#repair(error)) return this.commit(rest, also);
      this.#failed(error);
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Has the batch committed on another thread. @returns whether more may come before that */
  commitBehind(rest: Rest | undefined): boolean {
    this.#background ??= this.#beginBackground();
    const batch = this.#batch(rest);
    this.#handOver(batch);
    this.#background.post(batch);
    return this.#background?.hasRoom ?? true;
  }

  /** Waits until what another thread commits is committed. */
  settle(): void {
    this.#background?.settle();
  }

  /** A launch that begins has no unfinished line. */
  forgetRest(): void {
    this.#savedRest = "";
  }

  dispose(): void {
    this.#endBackground();
    this.#closed = true;
    this.#indexing.dispose();
    this.#database.close();
    this.#wrote.dispose();
    this.#drained.dispose();
  }

  #committerOf({ database }: OpenThread): Committer {
    return new Committer(database, this.#options.retention, this.#options.clock);
  }

  #beginBackground(): BackgroundCommitter {
    const { file, retention, background } = this.#options;
    const listener = {
      committed: (end: ThreadEnd, batch: Batch) => {
        if (this.#background?.hasRoom ?? true) this.#drained.fire();
        this.#tellWritten(end, batch);
      },
      failed: (doubt: Doubt) => this.#takeBack(doubt),
      idle: () => this.#endBackground(),
    };
    return new BackgroundCommitter(file, retention, listener, background);
  }

  #endBackground(): void {
    this.#background?.dispose();
    this.#background = undefined;
  }

  /** What the other thread didn't write is tried here, where it is known what to do then. */
  #takeBack(doubt: Doubt): void {
    this.#background = undefined;
    this.#savedRest = undefined;
    this.pending.takeBack(doubt);
    if (!this.#closed) this.commit(doubt.posted.findLast(({ batch }) => batch.rest)?.batch.rest);
  }

  /** Shuts the other thread out and finds what it has written. */
  #resolve(): void {
    const { doubt } = this.pending;
    if (doubt === undefined) return;
    const arrivals = new Arrivals(this.#database, doubt.writer);
    const [last, end] = this.#committer.transaction(() => [
      arrivals.shutOut(this.#options.clock()),
      this.#committer.end(),
    ]);
    this.pending.resolve(last);
    for (const { number, batch } of doubt.posted) if (number <= last) this.#tellWritten(end, batch);
  }

  #batch(rest: Rest | undefined): Batch {
    const isNew = rest !== undefined && rest.text !== this.#savedRest;
    return { ...this.pending.batch(this.#options.clock()), ...(isNew ? { rest } : {}) };
  }

  /** What comes now belongs to the next batch. */
  #handOver({ rest }: Batch): void {
    if (rest) this.#savedRest = rest.text;
    this.pending.clear();
  }

  #tellWritten({ seq }: ThreadEnd, { messages, raw }: Batch): void {
    if (messages.length > 0) this.#indexing.wrote(messages.reduce((sum, one) => sum + sizeOf(one), 1));
    if (messages.length > 0 || raw.length > 0) this.#wrote.fire(seq);
  }

  #failed(error: unknown): void {
    const { file, clock, onProblem } = this.#options;
    if (!this.#failing) onProblem(`The thread ${file} can't be written: ${describe(error)}`);
    this.#failing = true;
    this.#retryAt = clock() + retryMs;
    this.#hold();
  }

  /** Keeps what couldn't be written for the next try, up to a limit: the session runs on whatever the disk does. */
  #hold(): void {
    this.pending.bound();
    if (!this.#closed) this.#options.onFailed(retryMs);
    this.#drained.fire();
  }

  /** Sets the damaged file aside and begins a new one. @returns whether that worked */
  #repair(error: unknown): boolean {
    const { file, clock, onProblem } = this.#options;
    try {
      this.#endBackground();
      this.#database.close();
      const thread = replaceDamaged(file, error, clock());
      this.#database = thread.database;
      this.#committer = this.#committerOf(thread);
      onProblem(thread.damage ?? "");
      return true;
    } catch (again) {
      onProblem(`The damaged thread ${file} can't be replaced: ${describe(again)}`);
      return false;
    }
  }
}

/** About as many UTF-16 code units. */
function sizeOf({ texts, lines }: NewMessages): number {
  return texts.reduce((sum, { length }) => sum + length, lines?.length ?? 0);
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
