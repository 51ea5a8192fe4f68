import { t } from "@vscode/l10n";
import type { HealthComponentName } from "../../shared/model/health.ts";
import type { HealthSample } from "../../shared/model/health-history.ts";
import { componentWords } from "../../shared/model/health-words.ts";
import { megabyte } from "../../shared/model/resource-words.ts";
import type { ResourceHistory, Resources } from "../../shared/model/resources.ts";
import { serverValue } from "../../shared/model/server-values.ts";
import type { Series } from "./page-data.ts";

const minuteMs = 60_000;
/** Moments further apart than this have nothing known between them, by the distance of what is kept. */
const gapFactor = 3;
/** Single samples that are kept until the past is asked for again. */
const mostSamples = 600;

/** A value, and how long after it the next is due, in milliseconds. */
export type Known = readonly [time: number, value: number, distanceMs: number];

const figures = [
  { unit: "%", quantity: "cpuPercent", part: 1 },
  { unit: "MB", quantity: "memoryBytes", part: megabyte },
  { unit: "", quantity: "processes", part: 1 },
] as const;

function labelOf(quantity: (typeof figures)[number]["quantity"]): string {
  const labels = { cpuPercent: t("CPU"), memoryBytes: t("Memory"), processes: t("Processes") };
  return labels[quantity];
}

/**
 * What a server used, and how long it took to answer the checks, a series a quantity. The last minutes are single samples,
 * the day before minutes where this daemon saw them; before that are what the checks measured, hours of older days.
 * @param checks of the servers, oldest first
 * @param from milliseconds since the epoch
 */
export function serverSeries(
  history: ResourceHistory,
  { key, checks }: { readonly key: string; readonly checks: readonly HealthSample[] },
  from: number,
): readonly Series[] {
  const { samples } = history;
  const minutes = history.minutes.filter(({ time }) => time + minuteMs <= (samples[0]?.time ?? Infinity));
  const first = Math.min(minutes[0]?.time ?? Infinity, samples[0]?.time ?? Infinity);
  const used = figures.map(({ unit, quantity, part }) => {
    const measured = checkedValues(checks, serverValue(quantity, key)).filter(([time]) => time < first);
    const known = [
      ...measured,
      ...minutes.map((one): Known => [one.time, one[quantity].average, minuteMs]),
      ...samples.map((one): Known => [one.time, one[quantity], minuteMs]),
    ].map(([time, value, distance]): Known => [time, value / part, distance]);
    return withGaps(labelOf(quantity), unit, known, from);
  });
  const answers = checkedValues(checks, serverValue("answerMs", key));
  return [...used, withGaps(t("Answer"), "ms", answers, from)];
}

/** A value that each check measured, where it did. */
export function checkedValues(checks: readonly HealthSample[], name: string): readonly Known[] {
  return checks.flatMap((check): Known[] => {
    const value = check.values[name];
    return value === undefined ? [] : [[check.time, value, distanceOf(check)]];
  });
}

/** A check is due every five minutes, of older days an hour is one. */
function distanceOf({ spanMs }: HealthSample): number {
  return Math.max(spanMs, 5 * minuteMs);
}

/** A history with the sample that a delta brought; the same one where it has that already. */
export function withSample(history: ResourceHistory, sample: Resources | undefined): ResourceHistory {
  const last = history.samples.at(-1)?.time ?? 0;
  if (!sample || sample.time <= last) return history;
  return { ...history, samples: [...history.samples, sample].slice(-mostSamples) };
}

/** How long the looks at store and database took. @param from milliseconds since the epoch */
export function latencySeries(samples: readonly HealthSample[], from: number): readonly Series[] {
  return (["store", "database"] as const).map((component) =>
    latencyOf(componentWords(component), component, samples, from),
  );
}

/** How long the looks at one component took. */
export function latencyOf(
  label: string,
  component: HealthComponentName,
  samples: readonly HealthSample[],
  from: number,
): Series {
  const own = samples.filter((one) => one.component === component);
  const known = own.map((one): Known => [one.time, one.latencyMs.average, distanceOf(one)]);
  return withGaps(label, "ms", known, from);
}

/** Values from a time on, with a gap wherever more was due than is known. @param from milliseconds since the epoch */
export function withGaps(label: string, unit: string, known: readonly Known[], from: number): Series {
  const times: number[] = [];
  const points: (number | null)[] = [];
  let due = Infinity;
  for (const [time, value, distanceMs] of known) {
    const last = times.at(-1);
    if (time < from || (last !== undefined && time <= last)) continue;
    if (last !== undefined && time - last > Math.max(due, distanceMs) * gapFactor) {
      times.push(last + 1);
      points.push(null);
    }
    due = distanceMs;
    times.push(time);
    points.push(Number.isFinite(value) ? value : null);
  }
  return { label, unit, times, points };
}
