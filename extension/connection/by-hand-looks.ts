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

/** How often looks may come: time between two beginnings at least, in milliseconds, and how much longer the rest after one is than it. */
interface Pace {
  readonly betweenMs: number;
  readonly restFactor: number;
}

/** While a person just watches: large projects are looked at less often. */
const watchingPace: Pace = { betweenMs: 1_000, restFactor: 20 };
/** After a command in a terminal its server is to be seen within two seconds, also on a busy machine. */
const expectingPace: Pace = { betweenMs: 500, restFactor: 1 };
/** How long after a command was begun in a terminal a server of it may come up, in milliseconds. */
const comesUpMs = 20_000;

/** Looks for servers that were started by hand: while a person watches, and for a while after a command in a terminal. */
export class ByHandLooks implements Disposable {
  readonly #parts: LookParts;
  readonly #timer: Disposable;
  #isLooking = false;
  /** When the last look began and ended. */
  #last: { readonly began: number; readonly ended: number } | undefined;
  #expectedUntil = 0;

  constructor(parts: LookParts) {
    this.#parts = parts;
    this.#timer = every(expectingPace.betweenMs, () => this.#tick());
  }

  /** A command was begun in a terminal. */
  expect(): void {
    this.#expectedUntil = this.#parts.now() + comesUpMs;
  }

  /** A person came back to the window. */
  soon(): void {
    this.#expectedUntil = Math.max(this.#expectedUntil, this.#parts.now() + watchingPace.betweenMs);
    this.#tick();
  }

  dispose(): void {
    this.#timer.dispose();
  }

  #tick(): void {
    const now = this.#parts.now();
    const isExpecting = now <= this.#expectedUntil;
    if (this.#isLooking || !(isExpecting || this.#parts.isWatched())) return;
    if (now >= this.#notBefore(isExpecting ? expectingPace : watchingPace)) void this.#look(now);
  }

  #notBefore({ betweenMs, restFactor }: Pace): number {
    if (this.#last === undefined) return 0;
    const { began, ended } = this.#last;
    return Math.max(began + betweenMs, ended + (ended - began) * restFactor);
  }

  async #look(began: number): Promise<void> {
    this.#isLooking = true;
    try {
      await this.#parts.look();
    } catch {
      // The daemon is away, which is shown elsewhere; the next look may find it again.
    } finally {
      this.#last = { began, ended: this.#parts.now() };
      this.#isLooking = false;
    }
  }
}
