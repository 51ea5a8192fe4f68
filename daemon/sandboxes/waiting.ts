import { abortable } from "../../shared/base/deadline.ts";
import type { Event } from "../../shared/base/emitter.ts";
import { type ErrorShape, hasCode } from "../../shared/base/errors.ts";
import { type Exhausted, waitedInVain } from "./errors.ts";
import { Line } from "./line.ts";

/** Shortest and longest pause between two attempts when nothing was heard of the pool, in milliseconds. */
const soonestMs = 1_000;
const latestMs = 5_000;

export interface WaitTerms {
  readonly poolId: string;
  /** Milliseconds. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/** Those who wait for one pool. */
interface Place {
  readonly line: Line;
  waiting: number;
  /** What the last attempt of any of them failed with: it names the owners. */
  last: ErrorShape;
}

/**
 * Claims that wait for a sandbox: one of them at a time watches the pool, the others wait behind it in the order they
 * came. Only claims of this daemon stand in the line; those of others are as likely to get the next sandbox.
 */
export class Waiting {
  readonly #places = new Map<string, Place>();
  readonly #changes: Event<{ readonly key: string }>;

  /** @param changes fires with the id of a pool that changed */
  constructor(changes: Event<{ readonly key: string }>) {
    this.#changes = changes;
  }

  /**
   * Gets a sandbox by attempts: at once where none waits, else in the line. An attempt past those who wait could take
   * what was just released for them.
   * @throws DevlatchError `POOL_EXHAUSTED` where `waitMs` is 0; otherwise `DEADLINE` naming the owners; what the
   *   attempt throws; the signal's reason
   */
  async obtain<T>(terms: WaitTerms, attempt: () => Promise<T>): Promise<T> {
    const { poolId, waitMs } = terms;
    const ahead = this.#places.get(poolId);
    if (ahead && waitMs > 0) return this.#repeat(terms, ahead, attempt);
    try {
      return await attempt();
    } catch (error) {
      if (waitMs <= 0 || !hasCode(error, "POOL_EXHAUSTED")) throw error;
      const place = this.#places.get(poolId) ?? { line: new Line(), waiting: 0, last: error };
      this.#places.set(poolId, place);
      return this.#repeat(terms, place, attempt);
    }
  }

  /**
   * Repeats the attempt until it no longer fails with `POOL_EXHAUSTED`.
   * @throws DevlatchError `DEADLINE` naming the owners; what the attempt throws; the signal's reason
   */
  async #repeat<T>(terms: WaitTerms, place: Place, attempt: () => Promise<T>): Promise<T> {
    const { poolId, waitMs, signal } = terms;
    const over = AbortSignal.timeout(waitMs);
    const limited = AbortSignal.any([signal, over]);
    place.waiting++;
    try {
      return await place.line.atHead(limited, async () => {
        for (;;) {
          const news = this.#news(poolId);
          try {
            return await attempt();
          } catch (error) {
            if (!hasCode(error, "POOL_EXHAUSTED")) throw error;
            place.last = error;
            await news.arrived(pauseAfter(error), limited);
          } finally {
            news.dispose();
          }
        }
      });
    } catch (error) {
      if (error === over.reason && !signal.aborted) throw waitedInVain(waitMs, place.last);
      throw error;
    } finally {
      if (--place.waiting === 0) this.#places.delete(poolId);
    }
  }

  /** Hears of changes from now on, so that none falls between an attempt and the pause after it. */
  #news(poolId: string) {
    const heard = Promise.withResolvers<void>();
    const subscription = this.#changes(({ key }) => key === poolId && heard.resolve());
    return {
      arrived: async (ms: number, signal: AbortSignal) => {
        const timer = setTimeout(heard.resolve, ms);
        try {
          await abortable(heard.promise, signal);
        } finally {
          clearTimeout(timer);
        }
      },
      dispose: () => subscription.dispose(),
    };
  }
}

/** Until the next lease ends, if that is known: its end is no change that is told of. */
function pauseAfter({ data }: ErrorShape): number {
  const next = (data as Exhausted | undefined)?.nextLeaseEndMs;
  return Math.min(latestMs, Math.max(soonestMs, (next ?? latestMs) + 10));
}
