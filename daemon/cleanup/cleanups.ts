import { cleanUp } from "../../shared/base/clean-up.ts";
import type { Disposable } from "../../shared/base/disposable.ts";
import { DevlatchError, toErrorShape } from "../../shared/base/errors.ts";
import type { Log } from "../../shared/base/log.ts";
import { Rounds } from "../../shared/base/rounds.ts";
import { digest } from "../../shared/base/token.ts";
import type { Cleanup, CleanupTask, OpenCleanup, OwedCleanups } from "../../shared/model/cleanup.ts";
import type { EventOf } from "../../shared/model/journal.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import { CleanupBook } from "./book.ts";

export interface CleanupsDependencies {
  /** Where open cleanups outlive the daemon. */
  readonly file: string;
  /** Does what a task says, again and again until it succeeds. */
  readonly perform: (task: CleanupTask, signal: AbortSignal) => Promise<void>;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told when one fails for the first time, and when one that failed is done. */
  readonly onHappened?: (happened: EventOf<"cleanup">) => void;
  /** Pause after the first failure, in milliseconds; doubled with each. 2 s unless told. */
  readonly pauseMs?: number;
}

/** How long one attempt may take, in milliseconds. */
const deadlineMs = 60_000;
/** Pause after the first failure unless told, and the longest one, in milliseconds. */
const firstPauseMs = 2_000;
const longestPauseMs = 10 * 60_000;

/**
 * Cleanups that aren't finished: written down until they are, tried again with growing pauses, at every start of a
 * daemon of this home, and when the doctor is asked to.
 */
export class Cleanups implements OwedCleanups, Disposable {
  readonly #dependencies: CleanupsDependencies;
  readonly #book: CleanupBook;
  readonly #open = new Map<string, OpenCleanup>();
  /** Attempts under way, by id: nothing is done twice at once. */
  readonly #attempts = new Map<string, Promise<void>>();
  readonly #ended = new AbortController();
  readonly #rounds = new Rounds(() => this.#retryDue());
  #begun = false;

  constructor(dependencies: CleanupsDependencies) {
    this.#dependencies = dependencies;
    this.#book = new CleanupBook(dependencies.file);
    for (const entry of this.#book.read()) {
      const id = idOf(entry.task);
      this.#open.set(id, { ...entry, id });
    }
  }

  /** What isn't finished, the oldest first. */
  list(): readonly OpenCleanup[] {
    return [...this.#open.values()].sort((a, b) => a.since - b.since);
  }

  /** Tries everything that earlier daemons left, once; and what fails from now on by itself. Never rejects. */
  async begin(): Promise<void> {
    this.#begun = true;
    await Promise.all([...this.#open.values()].map((entry) => this.#attempt(entry)));
    this.#schedule();
  }

  /** Writes down what is about to be done, so that it isn't forgotten if this daemon is killed meanwhile. */
  intend(cleanup: Cleanup): void {
    const id = idOf(cleanup.task);
    if (this.#open.has(id)) return;
    this.#open.set(id, { ...cleanup, id, since: this.#dependencies.now(), failures: 0 });
    this.#save();
  }

  /** Writes down what could not be done; it is tried again. */
  owe(cleanup: Cleanup, error: unknown): void {
    const { now, log } = this.#dependencies;
    const id = idOf(cleanup.task);
    const known = this.#open.get(id);
    const { code, message, remedy } = toErrorShape(error);
    const entry = known ?? { ...cleanup, id, since: now(), failures: 0 };
    const failures = entry.failures + 1;
    this.#open.set(id, { ...entry, failures, error: { code, message, remedy }, failedAt: now() });
    if (failures === 1) {
      log.warn({ cleanup: cleanup.what, thing: cleanup.thing, message }, "a cleanup failed");
      this.#tell(entry, { kind: "failed", message });
    }
    this.#save();
    this.#schedule();
  }

  /** It is done, by this daemon or another. */
  settle(task: CleanupTask): void {
    const entry = this.#open.get(idOf(task));
    if (!entry) return;
    this.#open.delete(entry.id);
    this.#save();
    if (entry.failures > 0) this.#tell(entry, { kind: "done", failures: entry.failures });
  }

  /**
   * Tries one now.
   * @returns false if it isn't open (any more)
   * @throws DevlatchError what it failed with
   */
  async retry(id: string): Promise<boolean> {
    const entry = this.#open.get(id);
    if (!entry) return false;
    await this.#attempt(entry);
    const error = this.#open.get(id)?.error;
    if (error) throw new DevlatchError("STOP_INCOMPLETE", error.message, error.remedy);
    return true;
  }

  #tell({ what, thing }: OpenCleanup, change: EventOf<"cleanup">["change"]): void {
    this.#dependencies.onHappened?.({ kind: "cleanup", what, thing, change });
  }

  #attempt(entry: OpenCleanup): Promise<void> {
    const known = this.#attempts.get(entry.id);
    if (known !== undefined) return known;
    const attempt = this.#perform(entry).finally(() => this.#attempts.delete(entry.id));
    this.#attempts.set(entry.id, attempt);
    return attempt;
  }

  async #perform(entry: OpenCleanup): Promise<void> {
    const { what, thing, task } = entry;
    const run = (signal: AbortSignal) => this.#dependencies.perform(task, signal);
    const terms = { deadlineMs, signal: this.#ended.signal };
    const [failure] = await cleanUp([{ what, thing, run }], terms);
    if (!failure) this.settle(task);
    // What was cut off by the end of this daemon is the next one's, and no failure.
    else if (!this.#ended.signal.aborted) this.owe(entry, failure.error);
  }

  async #retryDue(): Promise<void> {
    const now = this.#dependencies.now();
    const due = [...this.#open.values()].filter((entry) => entry.failures > 0 && this.#dueAt(entry) <= now);
    await Promise.all(due.map((entry) => this.#attempt(entry)));
    this.#schedule();
  }

  #schedule(): void {
    if (!this.#begun) return;
    const now = this.#dependencies.now();
    const waits = [...this.#open.values()]
      .filter(({ failures }) => failures > 0)
      .map((one) => this.#dueAt(one) - now);
    if (waits.length > 0) this.#rounds.within(Math.max(this.#pauseMs / 4, Math.min(...waits)));
  }

  #dueAt({ failures, failedAt = 0 }: OpenCleanup): number {
    return failedAt + Math.min(longestPauseMs, this.#pauseMs * 2 ** Math.min(20, failures - 1));
  }

  get #pauseMs(): number {
    return this.#dependencies.pauseMs ?? firstPauseMs;
  }

  #save(): void {
    try {
      this.#book.write([...this.#open.values()]);
    } catch (error) {
      // A full disk: this daemon knows them, the next one finds them by looking.
      this.#dependencies.log.warn({ err: error }, "open cleanups can't be written down");
    }
  }

  dispose(): void {
    this.#ended.abort(new DevlatchError("CANCELLED", "The daemon ends.", "The next one goes on with it."));
    this.#rounds.dispose();
  }
}

/** The same task is the same cleanup, however often it is reported. */
function idOf(task: CleanupTask): string {
  return `${task.kind}-${digest(subjectOf(task))}`;
}

function subjectOf(task: CleanupTask): string {
  switch (task.kind) {
    case "end-launch":
      return task.launchId;
    case "free-locks":
      return task.instance;
    case "tidy-pool":
      return task.poolId;
    case "forget-holders":
      return sessionKey(task);
  }
}
