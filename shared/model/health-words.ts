import type { HealthMeasure, HealthStatus } from "./health.ts";

/** What is said of one check in the line that stands for all of them. */
interface Checked {
  readonly status: HealthStatus;
  /** Milliseconds since the epoch; null before the first look. */
  readonly checkedAt: number | null;
}

/** `All well`, or how many checks aren't well, and of how many nothing is known yet. */
export function wellWords(checks: readonly Checked[]): string {
  const unwell = checks.filter(({ status }) => status === "warning" || status === "critical").length;
  const unknown = checks.filter(({ status }) => status === "unknown").length;
  const parts = [
    unwell === 0 ? [] : [unwell === 1 ? "1 check isn't well" : `${unwell} checks aren't well`],
    unknown === 0 ? [] : [unknown === 1 ? "1 check unknown" : `${unknown} checks unknown`],
  ].flat();
  return parts.length === 0 ? "All well" : parts.join(", ");
}

/** `All well · checked 12 s ago`. @param now milliseconds since the epoch */
export function checksWords(checks: readonly Checked[], now: number): string {
  const times = checks.flatMap(({ checkedAt }) => (checkedAt === null ? [] : [checkedAt]));
  if (times.length === 0) return "Not checked yet";
  return `${wellWords(checks)} · checked ${agoWords(now - Math.max(...times))}`;
}

/** `12 s ago`, in minutes from two on. @param ms milliseconds */
export function agoWords(ms: number): string {
  const seconds = Math.max(Math.round(ms / 1_000), 0);
  return seconds < 120 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`;
}

/** `a warning from 70 %, critical from 90 %` */
export function thresholdWords({ warning, critical, unit }: HealthMeasure): string {
  const from = (value: number) => `from ${value} ${unit}`;
  return critical > warning
    ? `a warning ${from(warning)}, critical ${from(critical)}`
    : `a warning ${from(warning)}`;
}
