import { type Disposable, every } from "../../shared/base/disposable.ts";
import type { LockStore } from "../store/store.ts";

const retryEveryMs = 1_000;
/** A request the store may still have, though it isn't wanted here any more. */
interface Leftover {
  readonly key: string;
  readonly token: string;
  /** Monotonic time (ms) after which the store has dropped it by itself. */
  readonly until: number;
}

/** Takes back requests whose outcome is unknown: the store was away when they were to be released or cancelled. */
export class Leftovers implements Disposable {
  readonly #locks: LockStore;
  readonly #pending = new Map<string, Leftover>();
  readonly #flights = new Set<Promise<void>>();
  #timer: Disposable | undefined;

  constructor(locks: LockStore) {
    this.#locks = locks;
  }

  /**
   * Cancels now, and again until the store has answered.
   * @param forMs how long the request can live in the store at most, in milliseconds
   */
  add(key: string, token: string, forMs: number): Promise<void> {
    this.#pending.set(token, { key, token, until: performance.now() + forMs });
    this.#timer ??= every(retryEveryMs, () => this.#retry());
    return this.#fly(this.#cancel(key, token));
  }

  /** Waits for what is being sent now. Never rejects. */
  async settled(): Promise<void> {
    await Promise.all(this.#flights);
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
  }

  #retry(): void {
    if (this.#flights.size === 0) void this.#fly(this.#cancelAll());
  }

  #fly(flight: Promise<void>): Promise<void> {
    this.#flights.add(flight);
    return flight.finally(() => this.#flights.delete(flight));
  }

  async #cancelAll(): Promise<void> {
    for (const { key, token, until } of [...this.#pending.values()]) {
      if (until < performance.now()) this.#pending.delete(token);
      else await this.#cancel(key, token);
    }
    if (this.#pending.size === 0) this.dispose();
  }

  async #cancel(key: string, token: string): Promise<void> {
    try {
      await this.#locks.cancel(key, token);
      this.#pending.delete(token);
    } catch {
      // The store is away; the next round tries again.
    }
  }
}
