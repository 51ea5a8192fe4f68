import type { Disposable } from "../../../shared/base/disposable.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";
import {
  type HealthComponent,
  type HealthComponentName,
  type HealthStatus,
  lastingStatus,
} from "../../../shared/model/health.ts";
import type { HealthHistoryPage, HealthSample } from "../../../shared/model/health-history.ts";
import { byHour, hourMs, hourOf } from "./downsample.ts";
import { HistoryFile, type Place } from "./file.ts";

const dayMs = 24 * hourMs;
/** Single looks are kept this long, hours after that, in milliseconds. */
const singleForMs = dayMs;
const keptForMs = 7 * dayMs;
/** A component that doesn't change is recorded this often, in milliseconds: a little less than it is checked. */
const recordEveryMs = 4.5 * 60_000;
/** Samples held at most while the file can't be written. */
const heldSamples = 2_000;

export interface HistoryOptions {
  readonly file: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told in a sentence when the file was set aside as damaged, or can't be written. */
  readonly onProblem: (problem: string) => void;
}

/** What is asked for. Times in milliseconds since the epoch, both inclusive. */
export interface HistoryRequest {
  readonly component?: HealthComponentName | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/**
 * How every component was, for a week: each look of the last day, then hours. Nothing fails because it can't be
 * written.
 */
export class HealthHistory implements Disposable {
  readonly #options: HistoryOptions;
  readonly #file: HistoryFile;
  readonly #last = new Map<HealthComponentName, { readonly time: number; readonly status: HealthStatus }>();
  #held: HealthSample[] = [];
  #sweptHour: number | undefined;
  #failing = false;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#file = new HistoryFile(options.file, options.onProblem);
  }

  /** How a component was when it was recorded last, also by an earlier daemon; undefined where that isn't known. */
  lastStatus(component: HealthComponentName): HealthStatus | undefined {
    const known = this.#last.get(component)?.status;
    if (known !== undefined) return known;
    try {
      return this.#file.lastStatus(component);
    } catch {
      return undefined;
    }
  }

  /** Takes a look's result in: every few minutes, and at once when the state is another. */
  record(component: HealthComponentName, found: HealthComponent): void {
    const time = this.#options.now();
    const status = lastingStatus(found);
    const last = this.#last.get(component);
    // A clock that was set back is no reason to record nothing.
    const isDue = last === undefined || Math.abs(time - last.time) >= recordEveryMs;
    if (!isDue && last.status === status) return;
    this.#last.set(component, { time, status });
    const { latencyMs, values = {} } = found;
    const summary = status === "healthy" ? "" : found.summary;
    const latency = { average: latencyMs, max: latencyMs };
    this.#held.push({ component, time, spanMs: 0, looks: 1, status, summary, latencyMs: latency, values });
    this.#flush();
  }

  /**
   * A page, oldest first.
   * @throws DevlatchError `INVALID_INPUT` for a cursor that isn't one; an error of SQLite where the file can't be read
   */
  page({
    component,
    from = 0,
    to = Number.MAX_SAFE_INTEGER,
    cursor,
    limit,
  }: HistoryRequest): HealthHistoryPage {
    this.#flush();
    const after = cursor === undefined ? { time: Math.ceil(from) - 1, component: "~" } : readCursor(cursor);
    const samples = this.#file.read({ after, to: Math.floor(to), component, limit });
    const last = samples.at(-1);
    return { samples, next: last !== undefined && samples.length === limit ? cursorOf(last) : null };
  }

  /** For a check that found the file damaged. @returns what was done, in a sentence */
  setAside(): string {
    return `It was set aside as ${this.#file.setAside()}, and a new one is begun.`;
  }

  dispose(): void {
    this.#flush();
    this.#file.dispose();
  }

  #flush(): void {
    if (this.#held.length === 0) return;
    try {
      this.#sweep();
      this.#file.add(this.#held);
      this.#held = [];
      this.#failing = false;
    } catch (error) {
      this.#held = this.#held.slice(-heldSamples);
      if (!this.#failing) this.#options.onProblem(`The health history can't be written: ${String(error)}`);
      this.#failing = true;
    }
  }

  /** Once an hour: sums up what is older than a day, forgets what is older than a week. */
  #sweep(): void {
    const now = this.#options.now();
    const hour = hourOf(now);
    if (hour === this.#sweptHour) return;
    const singleBefore = hourOf(now - singleForMs);
    const before = now - keptForMs;
    const after = { time: before - 1, component: "~" };
    const old = this.#file.read({ after, to: singleBefore - 1, single: true, limit: -1 });
    this.#file.replace(byHour(old), { before, singleBefore });
    this.#sweptHour = hour;
  }
}

function cursorOf({ time, component }: HealthSample): string {
  return `${time}/${component}`;
}

function readCursor(cursor: string): Place {
  const [, time, component] = /^(\d+)\/([a-z]+)$/.exec(cursor) ?? [];
  if (time === undefined || component === undefined) {
    throw new DevlatchError(
      "INVALID_INPUT",
      `"${cursor}" is no cursor of the health history.`,
      "Give one that a page named as its next, or none.",
    );
  }
  return { time: Number(time), component };
}
