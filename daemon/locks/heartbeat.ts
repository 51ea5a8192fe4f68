import type { Disposable } from "../../shared/base/disposable.ts";
import { claimWindowMs, type LockStore } from "../store/store.ts";
import type { HeldLock } from "./held-lock.ts";

const shortestBeatMs = 20;
/** A lock granted by push must be claimed within its window; renewing does that. */
const longestBeatMs = claimWindowMs / 3;

/** Renews every held lock with one call per beat, a third of the shortest life apart. */
export class Heartbeat implements Disposable {
  readonly #locks: LockStore;
  readonly #held = new Set<HeldLock>();
  readonly #reconnected: Disposable;
  #timer: NodeJS.Timeout | undefined;
  #beatAt = Number.POSITIVE_INFINITY;
  #beating = false;

  constructor(locks: LockStore) {
    this.#locks = locks;
    // It may have come back without its data: what is held here must be known there before another asks.
    this.#reconnected = locks.onReconnected(() => this.#beatNow());
  }

  /** Keeps a lock alive until the result is disposed of. */
  keep(lock: HeldLock): Disposable {
    this.#held.add(lock);
    this.#schedule();
    return { dispose: () => this.#held.delete(lock) };
  }

  dispose(): void {
    this.#held.clear();
    this.#reconnected.dispose();
    clearTimeout(this.#timer);
  }

  /** Moves the next beat forward where a short-lived lock needs it; a beat with nothing to renew ends the series. */
  #schedule(): void {
    const lives = [...this.#held].filter(({ isLost }) => !isLost).map(({ grant }) => grant.ttlMs / 3);
    if (lives.length === 0 || this.#beating) return;
    const at = performance.now() + Math.max(shortestBeatMs, Math.min(longestBeatMs, ...lives));
    if (at >= this.#beatAt) return;
    this.#beatAt = at;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#beat(), at - performance.now());
    this.#timer.unref();
  }

  #beatNow(): void {
    if (this.#held.size === 0 || this.#beating) return;
    clearTimeout(this.#timer);
    void this.#beat();
  }

  async #beat(): Promise<void> {
    this.#beatAt = Number.POSITIVE_INFINITY;
    this.#beating = true;
    const renewed = [...this.#held].filter(({ isLost }) => !isLost);
    const sentAt = performance.now();
    try {
      if (renewed.length === 0) return;
      const { lost, unknown } = await this.#locks.renew(renewed.map(({ grant }) => grant));
      for (const lock of renewed) {
        const { key } = lock.grant;
        if (!unknown.includes(key)) this.#settle(lock, lost.includes(key), sentAt);
      }
    } catch {
      // The store is away. The next beat tries again; until then each lock's own deadline decides.
    } finally {
      this.#beating = false;
      this.#schedule();
    }
  }

  #settle(lock: HeldLock, isLost: boolean, sentAt: number): void {
    if (!this.#held.has(lock)) return;
    if (isLost) lock.lose("the store gave it to another or forgot it");
    else lock.extend(sentAt + lock.grant.ttlMs);
  }
}
