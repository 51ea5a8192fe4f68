import { abortable } from "./deadline.ts";
import { hasCode } from "./errors.ts";

/** Tells a caller how far something has come. */
export type Progress = (phase: string, message: string) => void;

/**
 * One execution that several callers wait for. It lives as long as one of them waits: when the last caller has left
 * (cancelled, or at its deadline) the execution is aborted with that caller's reason, and the caller gets what the
 * abort led to, after everything was cleaned up. Where the time of one of them was over, that is the reason, in
 * whatever order they left.
 */
export class Flight<T> {
  readonly #controller = new AbortController();
  readonly #watchers = new Set<Progress>();
  readonly #result: Promise<T>;
  #spawned: () => void = () => {};
  /** Resolves when the process runs, or when the execution is over without. */
  readonly spawned: Promise<void>;
  #waiters = 0;
  #deadline: unknown;
  #last: Parameters<Progress> | undefined;

  /** @param work the execution; it must react to the signal and clean up before it settles */
  constructor(work: (signal: AbortSignal, progress: Progress) => Promise<T>) {
    this.spawned = new Promise((resolve) => {
      this.#spawned = resolve;
    });
    this.#result = work(this.#controller.signal, (phase, message) => this.#report(phase, message));
    this.#result.then(this.#spawned, this.#spawned);
  }

  /** Ends the execution for all who wait, e.g. because a stop was asked for. @returns when it has cleaned up */
  async abort(reason: Error): Promise<void> {
    this.#controller.abort(reason);
    await this.#result.catch(() => {});
  }

  /** Waits for the result; leaves when `signal` aborts. Who comes later hears first how far it has come. */
  async join(signal: AbortSignal, progress: Progress): Promise<T> {
    this.#waiters++;
    this.#watchers.add(progress);
    if (this.#last) progress(...this.#last);
    try {
      return await abortable(this.#result, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      if (hasCode(signal.reason, "DEADLINE")) this.#deadline ??= signal.reason;
      if (this.#waiters > 1) throw error;
      this.#controller.abort(this.#deadline ?? signal.reason);
      return await this.#result;
    } finally {
      this.#waiters--;
      this.#watchers.delete(progress);
    }
  }

  #report(phase: string, message: string): void {
    this.#last = [phase, message];
    if (phase === "spawned") this.#spawned();
    for (const watcher of this.#watchers) watcher(phase, message);
  }
}
