import type { HealthStatus } from "../../shared/model/health.ts";

const minuteMs = 60_000;
/** How far plots go back, in milliseconds. */
export const spans = {
  minutes: 15 * minuteMs,
  day: 24 * 60 * minuteMs,
  week: 7 * 24 * 60 * minuteMs,
} as const;
export type Span = keyof typeof spans;

/** Something that happened to a server, marked where it happened. Time in milliseconds since the epoch. */
export interface Mark {
  readonly time: number;
  readonly kind: "start" | "crash" | "restart" | "stop" | "build error";
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
}

export interface LockRow {
  readonly key: string;
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
  readonly checks: readonly CheckRow[];
}

/** `All well · checked 12 s ago`, or how many checks aren't well. */
export function checksWords(checks: readonly CheckRow[], now: number): string {
  const times = checks.flatMap(({ checkedAt }) => (checkedAt === null ? [] : [checkedAt]));
  if (times.length === 0) return "Not checked yet";
  const unwell = checks.filter(({ status }) => status === "warning" || status === "critical").length;
  const unknown = checks.filter(({ status }) => status === "unknown").length;
  const parts = [
    unwell === 0 ? [] : [unwell === 1 ? "1 check isn't well" : `${unwell} checks aren't well`],
    unknown === 0 ? [] : [`${unknown} unknown`],
  ].flat();
  const seconds = Math.max(Math.round((now - Math.max(...times)) / 1_000), 0);
  const ago = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return `${parts.length === 0 ? "All well" : parts.join(", ")} · checked ${ago} ago`;
}
