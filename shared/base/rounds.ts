import type { Disposable } from "./disposable.ts";

/** Runs one piece of work again and again, each time as soon as it is asked for, never two at once. */
export class Rounds implements Disposable {
  readonly #work: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #round: Promise<void> | undefined;
  #ended = false;

  /** @param work never rejects */
  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Makes sure that a round begins within `ms` milliseconds from now; infinity: no wish. */
  within(ms: number): void {
    const at = performance.now() + ms;
    if (this.#ended || at >= this.#dueAt) return;
    this.#dueAt = at;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.now(), ms);
    this.#timer.unref();
  }

  /** Runs a round that begins from now on, and waits for it. After disposal nothing. */
  async now(): Promise<void> {
    await this.#round;
    // Others who waited for the same round share the next one.
    this.#round ??= this.#begin();
    await this.#round;
  }

  /** Settles when no round is under way. */
  async idle(): Promise<void> {
    await this.#round;
  }

  dispose(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #begin(): Promise<void> {
    clearTimeout(this.#timer);
    this.#dueAt = Number.POSITIVE_INFINITY;
    if (this.#ended) return Promise.resolve();
    return this.#work().finally(() => {
      this.#round = undefined;
    });
  }
}
