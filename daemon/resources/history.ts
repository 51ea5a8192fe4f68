import type { ResourceHistory, ResourceMinute, Resources, Spread } from "../../shared/model/resources.ts";
import type { ServerUse } from "../../shared/model/server-values.ts";

const minuteMs = 60_000;
/** How far back single samples go, in milliseconds, and how many there are at most. */
const samplesForMs = 10 * minuteMs;
const keptSamples = 120;
/** How many minutes are kept: a day. */
const keptMinutes = 24 * 60;

/** The minute under way: enough to go on averaging. */
interface OpenMinute {
  readonly minute: ResourceMinute;
  readonly count: number;
}

/** What one session's processes used: single samples of the last minutes, and a day of minutes. In memory, bounded. */
export class History {
  readonly #samples: Resources[] = [];
  readonly #minutes: ResourceMinute[] = [];
  #open: OpenMinute | undefined;

  add(sample: Resources): void {
    this.#samples.push(sample);
    const oldest = sample.time - samplesForMs;
    while (this.#samples.length > keptSamples || (this.#samples[0]?.time ?? oldest) < oldest) {
      this.#samples.shift();
    }
    const time = Math.floor(sample.time / minuteMs) * minuteMs;
    if (this.#open !== undefined && this.#open.minute.time !== time) this.#close(this.#open.minute, time);
    this.#open = included(this.#open, sample, time);
  }

  get latest(): Resources | undefined {
    return this.#samples.at(-1);
  }

  /** The average of single samples from a time on, or the last one. @param time milliseconds since the epoch */
  averageFrom(time: number): ServerUse | undefined {
    const inside = this.#samples.filter((sample) => sample.time >= time);
    const counted = inside.length > 0 ? inside : this.#samples.slice(-1);
    if (counted.length === 0) return undefined;
    const mean = (what: keyof ServerUse) =>
      counted.reduce((sum, sample) => sum + sample[what], 0) / counted.length;
    return {
      cpuPercent: mean("cpuPercent"),
      memoryBytes: mean("memoryBytes"),
      processes: mean("processes"),
    };
  }

  read(): ResourceHistory {
    const open = this.#open === undefined ? [] : [this.#open.minute];
    return { samples: [...this.#samples], minutes: [...this.#minutes, ...open] };
  }

  #close(minute: ResourceMinute, now: number): void {
    this.#open = undefined;
    this.#minutes.push(minute);
    const oldest = now - keptMinutes * minuteMs;
    // One fewer, for the minute under way is shown too. A clock set back must not keep more than a day either.
    while (this.#minutes.length >= keptMinutes || (this.#minutes[0]?.time ?? now) <= oldest) {
      this.#minutes.shift();
    }
  }
}

function included(open: OpenMinute | undefined, sample: Resources, time: number): OpenMinute {
  const count = (open?.count ?? 0) + 1;
  const spread = (what: "cpuPercent" | "memoryBytes" | "processes"): Spread => {
    const { average, max } = open?.minute[what] ?? { average: 0, max: 0 };
    return { average: average + (sample[what] - average) / count, max: Math.max(max, sample[what]) };
  };
  return {
    count,
    minute: {
      time,
      cpuPercent: spread("cpuPercent"),
      memoryBytes: spread("memoryBytes"),
      processes: spread("processes"),
    },
  };
}
