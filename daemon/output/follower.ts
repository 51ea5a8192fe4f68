import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { Emitter, type Event } from "../../shared/base/emitter.ts";
import { Rounds } from "../../shared/base/rounds.ts";
import type { BuildError, BuildView } from "../../shared/model/output.ts";
import type { ThreadMessage } from "../../shared/model/thread.ts";
import { BuildTracker } from "./build-tracker.ts";
import { type OutputProject, OutputReader } from "./output-reader.ts";

/** The part of a thread's reader that following needs. */
export interface FollowedThread {
  /** @param maxLength text of all of them, in UTF-16 code units; the first comes in any case */
  after(cursor: number, limit: number, maxLength: number): readonly ThreadMessage[];
  lastSeq(): number;
  span(launchId: string): { readonly firstSeq: number } | undefined;
}

/** Tells when the thread grew; the host pushes it, so nothing is polled. */
export interface GrowthSource extends Disposable {
  readonly onWrote: Event<number>;
  readonly onClosed: Event<void>;
}

/** Time that one look may take before others get their turn, in milliseconds. */
const sliceMs = 5;
/** Pause between two looks while there is more to read, in milliseconds: a flood costs a fifth of one core at most. */
const pauseMs = 20;
/** How long output is collected before it is looked at, in milliseconds. */
const collectMs = 25;
/** How long an error may wait for its next line, in milliseconds. */
const restMs = 150;
/** Messages read at once, and their text, in UTF-16 code units: the thread keeps so many together. */
const batch = 1_000;
const batchLength = 256 * 1024;
/** Messages that may wait to be looked at; what is beyond is skipped. */
const mostBehind = 5_000;
/** Messages looked at after a skip: what is going on now stands in the last ones. */
const keptBehind = 500;

/**
 * Follows the output of one launch. The writer is never slowed: it only says that there is more, and what comes faster
 * than it can be looked at is skipped and counted.
 */
export class Follower implements Disposable {
  readonly launchId: string;
  readonly #thread: () => FollowedThread;
  readonly #now: () => number;
  readonly #scope = new Scope();
  readonly #rounds = this.#scope.add(new Rounds(() => this.#look()));
  readonly #looked = this.#scope.add(new Emitter<void>());
  readonly #project: () => Promise<OutputProject>;
  /** From the first look on. */
  #reader: OutputReader | undefined;
  readonly #tracker = new BuildTracker();
  #cursor: number | undefined;
  /** When something was last read, by the monotonic clock, in milliseconds. */
  #readAt = 0;
  #source: GrowthSource | undefined;

  /** Fires after each look at new output. */
  readonly onLooked = this.#looked.event;

  /**
   * @param thread the thread as it can be read now; may throw where that can't be
   * @param now milliseconds since the epoch
   * @param project where the server runs; never rejects
   */
  constructor(
    launchId: string,
    thread: () => FollowedThread,
    now: () => number,
    project: () => Promise<OutputProject> = async () => ({ root: "", packages: new Map() }),
  ) {
    this.#project = project;
    this.launchId = launchId;
    this.#thread = thread;
    this.#now = now;
  }

  /** Looks when this source says that there is more. It belongs to the follower from here on. */
  listen(source: GrowthSource): void {
    this.#source?.dispose();
    this.#source = this.#scope.add(source);
    source.onWrote(() => this.#rounds.within(collectMs));
    source.onClosed(() => {
      if (this.#source === source) this.#source = undefined;
      this.#rounds.within(0);
    });
    this.#rounds.within(0);
  }

  /** What the server said of its build so far, as far as it was looked at. */
  get build(): BuildView {
    const directories = this.#reader?.directories ?? {};
    return {
      ...this.#tracker.view(),
      ...(Object.keys(directories).length > 0 ? { directories } : {}),
    };
  }

  /** Sequences of the last messages that were looked at, said anything of a build, or told of an answer. */
  get heard(): { readonly all: number; readonly build: number; readonly request: number } {
    return { all: this.#cursor ?? 0, ...this.#tracker.heard };
  }

  /** When anything was said of a build last, in milliseconds since the epoch; 0 before that. */
  get builtAt(): number {
    return this.#tracker.builtAt;
  }

  /** Whether something speaks there that compiles pages when they are asked for. */
  get onRequest(): boolean {
    return this.#tracker.onRequest;
  }

  /** The last error that was written after this message, whether or not it is of the build. */
  printedAfter(seq: number): BuildError | undefined {
    return this.#tracker.printedAfter(seq);
  }

  /** Whether all that was written is looked at and understood. */
  get isSettled(): boolean {
    return (
      this.#cursor !== undefined &&
      this.#reader?.pendingSince === undefined &&
      this.#tracker.settlesAt === undefined &&
      this.#cursor >= this.#lastSeq()
    );
  }

  /** Looks at once, e.g. because a caller asks. Never rejects. */
  look(): Promise<void> {
    return this.#rounds.now();
  }

  dispose(): void {
    this.#scope.dispose();
  }

  /** One slice. Never rejects: a thread that can't be read is looked at again when there is more. */
  async #look(): Promise<void> {
    this.#reader ??= new OutputReader(await this.#project());
    if (this.#scope.disposed) return;
    try {
      const read = this.#slice(this.#reader);
      this.#rest(read, this.#reader);
      this.#looked.fire();
    } catch {
      // Damaged or gone: the next host sets it aside, and the next hint looks again.
    }
  }

  /** @returns whether there is more */
  #slice(reader: OutputReader): boolean {
    const thread = this.#thread();
    const last = thread.lastSeq();
    const isFirst = this.#cursor === undefined;
    let cursor = this.#begin(thread);
    if (cursor === undefined) return false;
    if (cursor > last) cursor = 0; // A damaged thread was replaced.
    // What was written before this daemon came waits for it: there is time for more of it.
    if (last - cursor > mostBehind)
      cursor = this.#skip(reader, cursor, last - (isFirst ? mostBehind : keptBehind));
    const until = performance.now() + sliceMs;
    for (;;) {
      const messages = thread.after(cursor, batch, batchLength);
      const end = messages.at(-1);
      if (end === undefined) return false;
      cursor = end.seq;
      this.#cursor = cursor;
      this.#readAt = performance.now();
      const lines = messages.filter(({ kind }) => kind === "output");
      for (const signal of reader.push(lines)) this.#tracker.take(signal);
      if (cursor >= last) return false;
      if (performance.now() >= until) return true;
    }
  }

  /** Where the launch begins. */
  #begin(thread: FollowedThread): number | undefined {
    if (this.#cursor !== undefined) return this.#cursor;
    const span = thread.span(this.launchId);
    this.#cursor = span && span.firstSeq - 1;
    return this.#cursor;
  }

  #skip(reader: OutputReader, cursor: number, to: number): number {
    for (const signal of reader.flush()) this.#tracker.take(signal);
    reader.reset();
    this.#tracker.skip(to - cursor, { seq: to, time: this.#now() });
    this.#cursor = to;
    return to;
  }

  /** What is left to do once the server is silent. */
  #rest(more: boolean, reader: OutputReader): void {
    if (more) {
      this.#rounds.within(pauseMs);
      return;
    }
    if (reader.pendingSince !== undefined) {
      const left = this.#readAt + restMs - performance.now();
      if (left > 0) this.#rounds.within(left);
      else for (const signal of reader.flush()) this.#tracker.take(signal);
    }
    this.#tracker.settle(this.#now());
    const { settlesAt } = this.#tracker;
    if (settlesAt !== undefined) this.#rounds.within(Math.max(1, settlesAt - this.#now()));
  }

  #lastSeq(): number {
    try {
      return this.#thread().lastSeq();
    } catch {
      return 0;
    }
  }
}
