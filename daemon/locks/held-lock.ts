import type { Disposable } from "../../shared/base/disposable.ts";
import { DevlatchError } from "../../shared/base/errors.ts";

/** Part of its life a lock is given up early, so that its owner stops before another may start. */
const marginShare = 0.1;
const maxMarginMs = 1_000;

/** Identity and terms of one grant. */
export interface Grant {
  readonly key: string;
  readonly token: string;
  readonly fence: number;
  readonly ttlMs: number;
  /** Who holds it, in words. */
  readonly owner: string;
}

/**
 * A lock this process holds, with its own deadline. The deadline is monotonic and counted from before the store was
 * asked; when it passes, the lock counts as lost, whatever the store says.
 */
export class HeldLock implements Disposable {
  readonly grant: Grant;
  readonly #lost = new AbortController();
  readonly #onLost: () => void;
  #deadline = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param sureUntil monotonic time (ms) until which the store surely keeps the grant
   * @param onLost called once, before the signal's listeners act
   */
  constructor(grant: Grant, sureUntil: number, onLost: () => void) {
    this.grant = grant;
    this.#onLost = onLost;
    this.extend(sureUntil);
  }

  /** Aborts with `LOCK_LOST`. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  get isLost(): boolean {
    return this.#lost.signal.aborted;
  }

  /** Moves the deadline, never to an earlier time. */
  extend(sureUntil: number): void {
    const margin = Math.min(maxMarginMs, this.grant.ttlMs * marginShare);
    this.#deadline = Math.max(this.#deadline, sureUntil - margin);
    this.#watch();
  }

  /** Marks the lock as lost. Idempotent. */
  lose(why: string): void {
    if (this.isLost) return;
    clearTimeout(this.#timer);
    this.#onLost();
    this.#lost.abort(
      new DevlatchError(
        "LOCK_LOST",
        `The lock ${this.grant.key} (fence ${this.grant.fence}) was lost: ${why}.`,
        "What was under way has been given up. Try again.",
      ),
    );
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  #watch(): void {
    clearTimeout(this.#timer);
    if (this.isLost) return;
    this.#timer = setTimeout(
      () => this.lose("it could not be renewed in time"),
      Math.max(0, this.#deadline - performance.now()),
    );
    this.#timer.unref();
  }
}
