import type { Bounds } from "./bounds.ts";

/** What was measured from one moment to another, on average. Times are monotonic, in milliseconds. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

/** What is beyond a threshold all the time. */
export interface Lasting {
  /** The least of three averages, one for each third of the time: a burst raises one or two of them. */
  readonly sustained: number;
  /** The average of the last third. */
  readonly recent: number;
}

/** A value that goes up and down, kept as long as it takes to tell a burst from what lasts. */
export class Sustained {
  #stretches: Stretch[] = [];
  /** It was beyond the bounds when it was read last. */
  #lasts = false;
  /** When it was over last: what was before doesn't count again. */
  #overSince = Number.NEGATIVE_INFINITY;

  /** @param value the average from `from` to `to` */
  add(from: number, to: number, value: number): void {
    if (to > from && Number.isFinite(value)) this.#stretches.push({ from, to, value });
  }

  /** Begins anew: what was before says nothing of what comes. */
  clear(): void {
    this.#stretches = [];
    this.#lasts = false;
  }

  /**
   * What has lasted until now. Once that is over the time begins anew, so that a burst soon after doesn't bring it
   * back.
   * @param overMs the time that counts, up to the last value
   * @returns undefined while less than that is known, or has passed since it was over
   */
  read(overMs: number, { from, until }: Bounds): Lasting | undefined {
    const lasting = this.#measure(overMs);
    if (lasting === undefined) return undefined;
    const lasts = lasting.sustained >= from || (this.#lasts && lasting.recent >= until);
    const isOver = this.#lasts && !lasts;
    this.#lasts = lasts;
    if (!isOver) return lasting;
    this.#overSince = this.#stretches.at(-1)?.to ?? 0;
    return undefined;
  }

  #measure(overMs: number): Lasting | undefined {
    const end = this.#stretches.at(-1)?.to ?? 0;
    const begin = Math.max(this.#stretches[0]?.from ?? end, this.#overSince);
    if (begin > end - overMs) return undefined;
    this.#stretches = this.#stretches.filter(({ to }) => to > end - overMs);
    const third = overMs / 3;
    const averages = [3, 2, 1].map((back) => this.#average(end - back * third, end - (back - 1) * third));
    return { sustained: Math.min(...averages), recent: averages.at(-1) ?? 0 };
  }

  /**
   * The average of what is known, the last `overMs` milliseconds at most.
   * @returns undefined while less than `leastMs` are known
   */
  average(overMs: number, leastMs: number): number | undefined {
    const end = this.#stretches.at(-1)?.to ?? 0;
    const begin = this.#stretches[0]?.from ?? 0;
    return end - begin >= leastMs ? this.#average(end - overMs, end) : undefined;
  }

  #average(from: number, to: number): number {
    const parts = this.#stretches.map((stretch) => ({
      ms: Math.max(0, Math.min(to, stretch.to) - Math.max(from, stretch.from)),
      value: stretch.value,
    }));
    const ms = parts.reduce((sum, part) => sum + part.ms, 0);
    return ms === 0 ? 0 : parts.reduce((sum, part) => sum + part.value * part.ms, 0) / ms;
  }
}
