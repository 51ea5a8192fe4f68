import { type Disposable, every } from "../../shared/base/disposable.ts";

/** What looks, and when that is worth it. */
export interface LookParts {
  /** Has the daemon look for servers that were started by hand. Rejects where it can't be asked. */
  look(): Promise<void>;
  /** Whether a person sees what a look finds. */
  isWatched(): boolean;
  /** A monotonic clock, in milliseconds. */
  now(): number;
}

/** Time between two looks at least, in milliseconds. */
const betweenMs = 1_000;
/** The share of time that looks take at most, as its inverse: large projects are looked at less often. */
const restFactor = 20;
/** How long after a command was begun in a terminal a server of it may come up, in milliseconds. */
const comesUpMs = 20_000;

/** Looks for servers that were started by hand: while a person watches, and for a while after a command in a terminal. */
export class ByHandLooks implements Disposable {
  readonly #parts: LookParts;
  readonly #timer: Disposable;
  #isLooking = false;
  #notBefore = 0;
  #expectedUntil = 0;

  constructor(parts: LookParts) {
    this.#parts = parts;
    this.#timer = every(betweenMs, () => this.#tick());
  }

  /** A command was begun in a terminal. */
  expect(): void {
    this.#expectedUntil = this.#parts.now() + comesUpMs;
  }

  /** A person came back to the window. */
  soon(): void {
    this.#expectedUntil = Math.max(this.#expectedUntil, this.#parts.now() + betweenMs);
    this.#tick();
  }

  dispose(): void {
    this.#timer.dispose();
  }

  #tick(): void {
    const now = this.#parts.now();
    const isDue = this.#parts.isWatched() || now <= this.#expectedUntil;
    if (isDue && !this.#isLooking && now >= this.#notBefore) void this.#look(now);
  }

  async #look(began: number): Promise<void> {
    this.#isLooking = true;
    try {
      await this.#parts.look();
    } catch {
      // The daemon is away, which is shown elsewhere; the next look may find it again.
    } finally {
      const ended = this.#parts.now();
      this.#notBefore = ended + (ended - began) * restFactor;
      this.#isLooking = false;
    }
  }
}
