import type { Timing } from "../../shared/model/concurrency.ts";

/** Upper bounds of the buckets in milliseconds; what is longer goes into one more without a bound. */
export const boundsMs = [
  1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 1_800_000,
] as const;

/**
 * Times in fixed buckets, as Prometheus wants them: exact counts per bucket, and two can be added up. The platform's
 * `createHistogram` answers percentiles only, from which no bucket's count can be had back.
 */
export class Histogram {
  readonly #counts = new Array<number>(boundsMs.length + 1).fill(0);
  #sumMs = 0;
  #maxMs = 0;

  record(ms: number): void {
    const bucket = boundsMs.findIndex((bound) => ms <= bound);
    const index = bucket === -1 ? boundsMs.length : bucket;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sumMs += ms;
    this.#maxMs = Math.max(this.#maxMs, ms);
  }

  merge(other: Histogram): void {
    for (const [index, count] of other.#counts.entries()) {
      this.#counts[index] = (this.#counts[index] ?? 0) + count;
    }
    this.#sumMs += other.#sumMs;
    this.#maxMs = Math.max(this.#maxMs, other.#maxMs);
  }

  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  get sumMs(): number {
    return this.#sumMs;
  }

  /** How many times were no longer than each bound, in the bounds' order, then all. */
  cumulative(): readonly number[] {
    let sum = 0;
    return this.#counts.map((count) => {
      sum += count;
      return sum;
    });
  }

  timing(): Timing {
    return {
      count: this.count,
      p50: this.#quantile(0.5),
      p99: this.#quantile(0.99),
      max: round(this.#maxMs),
    };
  }

  /** An estimate: even within its bucket, as Prometheus' `histogram_quantile` assumes, and never above the longest. */
  #quantile(share: number): number {
    const cumulative = this.cumulative();
    const rank = share * (cumulative.at(-1) ?? 0);
    if (rank === 0) return 0;
    const index = cumulative.findIndex((sum) => sum >= rank);
    const below = index === 0 ? 0 : (cumulative[index - 1] ?? 0);
    const from = index === 0 ? 0 : (boundsMs[index - 1] ?? 0);
    const to = Math.max(from, Math.min(boundsMs[index] ?? this.#maxMs, this.#maxMs));
    return round(from + ((to - from) * (rank - below)) / Math.max(1, (cumulative[index] ?? 0) - below));
  }
}

function round(ms: number): number {
  return Number(ms.toFixed(2));
}
