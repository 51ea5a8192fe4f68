import type { HealthStatus } from "../../shared/model/health.ts";

export { agoWords, checksWords, statusWords } from "../../shared/model/health-words.ts";

const minuteMs = 60_000;
/** How far plots go back, in milliseconds. */
export const spans = {
  minutes: 15 * minuteMs,
  day: 24 * 60 * minuteMs,
  week: 7 * 24 * 60 * minuteMs,
} as const;
export type Span = keyof typeof spans;

/** Something that happened to a server, or a check that wasn't well, marked where it happened. Time in milliseconds since the epoch. */
export interface Mark {
  readonly time: number;
  readonly kind: "start" | "crash" | "restart" | "stop" | "build error" | "warning" | "critical";
  readonly text: string;
}

/** One line of a plot. `null`: nothing is known of that time. */
export interface Series {
  readonly label: string;
  readonly unit: string;
  /** In milliseconds since the epoch, ascending. */
  readonly times: readonly number[];
  readonly points: readonly (number | null)[];
}

export interface ServerPlots {
  readonly key: string;
  readonly app: string;
  /** Where it is, how it is, and who uses it, in words. */
  readonly words: string;
  readonly series: readonly Series[];
  readonly marks: readonly Mark[];
  /** Who uses it, the longest first, in words. */
  readonly users: readonly string[];
}

/** A lock that is waited for, or work that waits for the lock above it, and what waits for that in turn. */
export interface WaitNode {
  readonly kind: "lock" | "work";
  /** Who holds it and for how long, or who waits and for how long. */
  readonly words: string;
  readonly waiting: readonly WaitNode[];
}

export interface LockRow {
  /** What it is for, in words. */
  readonly name: string;
  readonly waiters: number;
  readonly attempts: number;
  /** Half of the waits, and of the holds, took at most this long, and 99 of 100 that; in milliseconds. */
  readonly wait: readonly [number, number] | null;
  readonly hold: readonly [number, number] | null;
}

export interface CheckRow {
  readonly name: string;
  readonly status: HealthStatus;
  readonly summary: string;
  readonly latencyMs: number;
  readonly checkedAt: number | null;
  /** Figures with their thresholds, in words. */
  readonly measures: readonly string[];
  readonly history: readonly Series[];
  /** Looks that found it not well. */
  readonly troubles: readonly Mark[];
}

/** Everything that the page shows. */
export interface DashboardData {
  readonly now: number;
  readonly span: Span;
  /** Why nothing new comes; null while the daemon is reached. */
  readonly away: string | null;
  readonly servers: readonly ServerPlots[];
  readonly latency: readonly Series[];
  readonly locks: readonly LockRow[];
  /** What waits for what now. */
  readonly waits: readonly WaitNode[];
  readonly checks: readonly CheckRow[];
}
