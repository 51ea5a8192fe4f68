import type { LockEvent } from "../../shared/model/concurrency.ts";
import { Histogram } from "./histogram.ts";
import { addCounts, type Counts, noCounts, SlidingWindow } from "./window.ts";

/** The key under which the locks used longest ago are counted together. */
export const otherKey = "other";

/** Totals only grow, as Prometheus' counters must. */
export interface Totals {
  readonly attempts: number;
  readonly grants: number;
  /** Another held the lock, and the caller didn't want to wait. */
  readonly refused: number;
  /** The caller waited in vain. */
  readonly timedOut: number;
  /** Given up for another reason: cancelled, or the store was away. */
  readonly abandoned: number;
  /** Grants lost while their holder worked. */
  readonly losses: number;
}

const noTotals: Totals = { attempts: 0, grants: 0, refused: 0, timedOut: 0, abandoned: 0, losses: 0 };

/** What happened on one key through this daemon. */
export class KeyStats {
  readonly wait = new Histogram();
  readonly hold = new Histogram();
  /** Counts attempts when they end, so that a share of failures is one of the same attempts. */
  readonly window: SlidingWindow;
  readonly #totals: { -readonly [N in keyof Totals]: number } = { ...noTotals };

  constructor(windowMs: number) {
    this.window = new SlidingWindow(windowMs);
  }

  get totals(): Totals {
    return this.#totals;
  }

  /** @param now monotonic, in milliseconds */
  observe(event: LockEvent, now: number): void {
    switch (event.kind) {
      case "attempt":
        this.#count("attempts");
        break;
      case "queued":
        break;
      case "granted":
        this.#count("grants");
        this.wait.record(event.waitMs);
        this.window.add({ attempts: 1, grants: 1, failures: 0 }, now);
        break;
      case "lost":
        this.#count("losses");
        this.hold.record(event.holdMs);
        break;
      case "released":
        this.hold.record(event.holdMs);
        break;
      case "failed": {
        const why = reasonOf(event.code);
        this.#count(why);
        this.wait.record(event.waitMs);
        this.window.add({ attempts: 1, grants: 0, failures: why === "abandoned" ? 0 : 1 }, now);
        break;
      }
    }
  }

  merge(other: KeyStats): void {
    for (const name of Object.keys(noTotals) as (keyof Totals)[]) this.#count(name, other.totals[name]);
    this.wait.merge(other.wait);
    this.hold.merge(other.hold);
    this.window.merge(other.window);
  }

  #count(name: keyof Totals, more = 1): void {
    this.#totals[name] += more;
  }
}

function reasonOf(code: string): "refused" | "timedOut" | "abandoned" {
  if (code === "LOCK_HELD") return "refused";
  return code === "DEADLINE" ? "timedOut" : "abandoned";
}

/** The stats of all keys. Bounded: beyond `maxKeys` the key used longest ago is folded into `other`. */
export class StatsTable {
  readonly #windowMs: number;
  readonly #maxKeys: number;
  /** In the order of last use. */
  readonly #byKey = new Map<string, KeyStats>();
  #other: KeyStats | undefined;

  constructor(windowMs: number, maxKeys = 500) {
    this.#windowMs = windowMs;
    this.#maxKeys = maxKeys;
  }

  observe(event: LockEvent, now: number): void {
    if (event.kind === "attempt") this.#use(event.key);
    // A key may have been folded while one of its attempts was under way.
    const stats = this.#byKey.get(event.key) ?? this.#others();
    stats.observe(event, now);
  }

  get(key: string): KeyStats | undefined {
    return this.#byKey.get(key);
  }

  /** Every key, last used first; `other` at the end if there is one. */
  entries(): readonly (readonly [string, KeyStats])[] {
    const keys = [...this.#byKey].reverse();
    return this.#other ? [...keys, [otherKey, this.#other]] : keys;
  }

  /** The windows that aren't empty, `other` left out: it is no lock. @param now monotonic, in milliseconds */
  windows(now: number): ReadonlyMap<string, Counts> {
    const sums = [...this.#byKey].map(([key, stats]) => [key, stats.window.sum(now)] as const);
    return new Map(sums.reverse().filter(([, { attempts }]) => attempts > 0));
  }

  /** All keys together. */
  total(now: number): Counts {
    return this.entries().reduce((sum, [, stats]) => addCounts(sum, stats.window.sum(now)), noCounts);
  }

  #use(key: string): void {
    const stats = this.#byKey.get(key) ?? new KeyStats(this.#windowMs);
    this.#byKey.delete(key);
    this.#byKey.set(key, stats);
    const oldest = this.#byKey.entries().next();
    if (this.#byKey.size <= this.#maxKeys || oldest.done) return;
    this.#byKey.delete(oldest.value[0]);
    this.#others().merge(oldest.value[1]);
  }

  #others(): KeyStats {
    this.#other ??= new KeyStats(this.#windowMs);
    return this.#other;
  }
}
