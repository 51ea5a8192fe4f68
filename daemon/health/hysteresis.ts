import { type HealthStatus, severityOf } from "../../shared/model/health.ts";
import type { Threshold } from "../../shared/model/health-thresholds.ts";
import type { Reading } from "./check.ts";

/** What is shown of one thing, and what is suspected. Times are those of the caller's clock, in milliseconds. */
export type Track =
  | { readonly kind: "settled"; readonly shown: HealthStatus; readonly since: number }
  | {
      readonly kind: "suspected";
      readonly shown: HealthStatus;
      readonly since: number;
      /** The mildest of what was found since. */
      readonly worse: HealthStatus;
      readonly from: number;
      readonly looks: number;
    };

/**
 * Takes in what was found: what is better is shown at once, and so is what is worse and sure; what is worse and may be
 * noise only once it has lasted.
 * @param before undefined for what is seen for the first time
 */
export function step(before: Track | undefined, reading: Reading, now: number): Track {
  const shown = before?.shown ?? "healthy";
  const since = before?.since ?? now;
  const found = statusOf(reading, shown, now - since);
  if (severityOf(found) <= severityOf(shown)) return settled(found, before, now);
  const { steadiness } = reading;
  if (steadiness === undefined || found === "unknown" || isEscalation(reading, shown)) {
    return settled(found, before, now);
  }
  const suspicion = before?.kind === "suspected" ? before : undefined;
  const worse = suspicion ? milder(suspicion.worse, found) : found;
  const from = suspicion?.from ?? now;
  const looks = (suspicion?.looks ?? 0) + 1;
  if (looks >= steadiness.looks && now - from >= steadiness.ms) return settled(worse, before, now);
  return { kind: "suspected", shown, since, worse, from, looks };
}

/** A measure's state; one that is shown as bad stays so until the value is clearly below the threshold. */
export function grade(
  {
    value,
    recent = value,
    threshold,
    margin,
  }: Omit<Extract<Reading, { kind: "measure" }>, "id" | "words" | "kind">,
  shown: HealthStatus,
): HealthStatus {
  const isAt = (level: keyof Threshold) => {
    const isShown = severityOf(shown) >= severityOf(level);
    return value >= threshold[level] || (isShown && recent >= threshold[level] - margin);
  };
  if (isAt("critical")) return "critical";
  return isAt("warning") ? "warning" : "healthy";
}

function statusOf(reading: Reading, shown: HealthStatus, shownForMs: number): HealthStatus {
  const found = reading.kind === "fact" ? reading.status : grade(reading, shown);
  const patienceMs = reading.steadiness?.criticalAfterMs;
  if (found !== "warning" || patienceMs === undefined) return found;
  const isOver = shown === "critical" || (shown === "warning" && shownForMs >= patienceMs);
  return isOver ? "critical" : found;
}

/** A warning that was shown long enough to become critical has been confirmed all the time. */
function isEscalation({ steadiness }: Reading, shown: HealthStatus): boolean {
  return steadiness?.criticalAfterMs !== undefined && shown === "warning";
}

function settled(shown: HealthStatus, before: Track | undefined, now: number): Track {
  return { kind: "settled", shown, since: before?.shown === shown ? before.since : now };
}

function milder(one: HealthStatus, other: HealthStatus): HealthStatus {
  return severityOf(one) <= severityOf(other) ? one : other;
}
