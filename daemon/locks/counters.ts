/** What happened on one key since the service began. Times are sums, in milliseconds. */
export interface LockCounters {
  readonly attempts: number;
  readonly grants: number;
  /** Attempts that ended without the lock: refused, too late, cancelled, store unavailable. */
  readonly failures: number;
  /** Grants that were lost while their holder worked. */
  readonly losses: number;
  readonly waitMs: number;
  readonly holdMs: number;
}

const maxKeys = 1_000;
const nothing: LockCounters = { attempts: 0, grants: 0, failures: 0, losses: 0, waitMs: 0, holdMs: 0 };

/** Counters per key. Bounded: the key used longest ago goes first. */
export class CounterTable {
  readonly #byKey = new Map<string, LockCounters>();

  /** Adds to the counters of a key. */
  add(key: string, more: Partial<LockCounters>): void {
    const sum = { ...(this.#byKey.get(key) ?? nothing) };
    for (const [name, value] of Object.entries(more)) sum[name as keyof LockCounters] += value;
    this.#byKey.delete(key);
    this.#byKey.set(key, sum);
    const oldest = this.#byKey.keys().next();
    if (this.#byKey.size > maxKeys && !oldest.done) this.#byKey.delete(oldest.value);
  }

  /** A copy for whoever watches. */
  snapshot(): ReadonlyMap<string, LockCounters> {
    return new Map(this.#byKey);
  }
}
