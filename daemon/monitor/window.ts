/** What attempts came to. */
export interface Counts {
  readonly attempts: number;
  readonly grants: number;
  /** Refused or timed out. */
  readonly failures: number;
}

export const noCounts: Counts = { attempts: 0, grants: 0, failures: 0 };

export function addCounts(one: Counts, other: Counts): Counts {
  return {
    attempts: one.attempts + other.attempts,
    grants: one.grants + other.grants,
    failures: one.failures + other.failures,
  };
}

/** The window moves in this many steps: something counted is forgotten at its length, or up to a step sooner. */
const slots = 30;

/** Counts of the last few minutes; what is older falls out. Time comes in from outside, in monotonic milliseconds. */
export class SlidingWindow {
  readonly #slotMs: number;
  readonly #ring: { slot: number; counts: { -readonly [N in keyof Counts]: number } }[] = [];

  /** @param lengthMs in milliseconds */
  constructor(lengthMs: number) {
    this.#slotMs = lengthMs / slots;
  }

  add(more: Counts, now: number): void {
    const slot = this.#slotOf(now);
    const index = slot % slots;
    const there = this.#ring[index];
    if (there?.slot !== slot) {
      this.#ring[index] = { slot, counts: { ...more } };
      return;
    }
    // In place: this is done for every attempt.
    there.counts.attempts += more.attempts;
    there.counts.grants += more.grants;
    there.counts.failures += more.failures;
  }

  /** Takes over what another window of the same length counted. */
  merge(other: SlidingWindow): void {
    for (const entry of other.#ring) if (entry) this.add(entry.counts, entry.slot * this.#slotMs);
  }

  sum(now: number): Counts {
    const current = this.#slotOf(now);
    let sum = noCounts;
    for (const entry of this.#ring) {
      if (entry && entry.slot > current - slots) sum = addCounts(sum, entry.counts);
    }
    return sum;
  }

  #slotOf(now: number): number {
    return Math.floor(now / this.#slotMs);
  }
}
