import { plainText } from "../../shared/base/plain-text.ts";
import type { KeySummary } from "../../shared/model/concurrency.ts";
import { type HealthReport, healthComponents } from "../../shared/model/health.ts";
import type { HealthSample } from "../../shared/model/health-history.ts";
import type { JournalEntry } from "../../shared/model/journal.ts";
import { megabyte } from "../../shared/model/resource-words.ts";
import type { ResourceHistory, Resources } from "../../shared/model/resources.ts";
import { type SessionView, sessionName } from "../../shared/model/session.ts";
import { sessionWords } from "../../shared/model/state-words.ts";
import { whoWords } from "../../shared/model/who-words.ts";
import type { CheckRow, LockRow, Mark, Series, ServerPlots } from "./page-data.ts";

const minuteMs = 60_000;
/** Moments further apart than this have nothing known between them, by the distance of what is kept. */
const gapFactor = 3;
/** More marks than this on one plot can't be told apart. */
const mostMarks = 100;
const longestText = 300;
/** Single samples that are kept until the past is asked for again. */
const mostSamples = 600;

/** Points of one quantity, from minutes and, where they are newer, from single samples. */
interface Point {
  readonly time: number;
  readonly cpuPercent: number;
  readonly memoryBytes: number;
  readonly processes: number;
}

/** What a server used, a series a quantity. @param from milliseconds since the epoch */
export function resourceSeries(history: ResourceHistory, from: number): readonly Series[] {
  const first = history.samples[0]?.time ?? Number.POSITIVE_INFINITY;
  const minutes = history.minutes
    .filter(({ time }) => time + minuteMs <= first)
    .map(({ time, cpuPercent, memoryBytes, processes }) => ({
      time,
      cpuPercent: cpuPercent.average,
      memoryBytes: memoryBytes.average,
      processes: processes.average,
    }));
  const points: readonly Point[] = [...minutes, ...history.samples].filter(({ time }) => time >= from);
  const of = (label: string, unit: string, value: (point: Point) => number) =>
    withGaps(
      label,
      unit,
      points.map((point) => [point.time, value(point)]),
      minuteMs,
    );
  return [
    of("CPU", "%", ({ cpuPercent }) => cpuPercent),
    of("Memory", "MB", ({ memoryBytes }) => memoryBytes / megabyte),
    of("Processes", "", ({ processes }) => processes),
  ];
}

/** A history with the sample that a delta brought; the same one where it has that already. */
export function withSample(history: ResourceHistory, sample: Resources | undefined): ResourceHistory {
  const last = history.samples.at(-1)?.time ?? 0;
  if (!sample || sample.time <= last) return history;
  return { ...history, samples: [...history.samples, sample].slice(-mostSamples) };
}

/** How long the looks at store and database took. @param from milliseconds since the epoch */
export function latencySeries(samples: readonly HealthSample[], from: number): readonly Series[] {
  return (["store", "database"] as const).map((component) => {
    const own = samples.filter((one) => one.component === component && one.time >= from);
    const points = own.map(({ time, latencyMs }) => [time, latencyMs.average] as const);
    // A look is due every five minutes, of older days an hour is one.
    return withGaps(component === "store" ? "Store" : "Database", "ms", points, 60 * minuteMs);
  });
}

function withGaps(
  label: string,
  unit: string,
  known: readonly (readonly [number, number])[],
  distanceMs: number,
): Series {
  const times: number[] = [];
  const points: (number | null)[] = [];
  for (const [time, value] of known) {
    const last = times.at(-1);
    if (last !== undefined && time <= last) continue;
    if (last !== undefined && time - last > distanceMs * gapFactor) {
      times.push(last + 1);
      points.push(null);
    }
    times.push(time);
    points.push(Number.isFinite(value) ? value : null);
  }
  return { label, unit, times, points };
}

/** What the journal tells of a server: starts, crashes, restarts and stops, oldest first. */
export function marksOf(
  { sandboxId, app }: Pick<SessionView, "sandboxId" | "app">,
  entries: readonly JournalEntry[],
  from: number,
): readonly Mark[] {
  const marks: Mark[] = [];
  let before = "";
  for (const { time, event } of entries) {
    if (event.kind !== "session" || event.sandboxId !== sandboxId || event.session !== sessionName(app))
      continue;
    const { state } = event;
    const kind = state.kind === "starting" && before === "restarting" ? undefined : kindOf(state.kind);
    // Of a start each phase is an event.
    if (kind !== undefined && state.kind !== before && time >= from)
      marks.push({ time, kind, text: "error" in state ? textOf(state.error.message) : "" });
    before = state.kind;
  }
  return marks.slice(-mostMarks);
}

function kindOf(state: SessionView["state"]["kind"]): Mark["kind"] | undefined {
  switch (state) {
    case "starting":
      return "start";
    case "crashed":
    case "failed":
      return "crash";
    case "restarting":
      return "restart";
    case "stopped":
      return "stop";
    default:
      return undefined;
  }
}

/** Build errors as marks, of several at once the first. @param errors oldest first */
export function buildMarks(
  errors: readonly { readonly time: number; readonly message: string }[],
  from: number,
): readonly Mark[] {
  const marks: Mark[] = [];
  for (const { time, message } of errors) {
    const last = marks.at(-1);
    if (time >= from && (!last || time - last.time > 1_000))
      marks.push({ time, kind: "build error", text: textOf(message) });
  }
  return marks.slice(-mostMarks);
}

/** One server of the page. */
export function serverPlots(
  session: SessionView,
  key: string,
  { history, marks }: { readonly history: ResourceHistory; readonly marks: readonly Mark[] },
  { from, now }: { readonly from: number; readonly now: number },
): ServerPlots {
  const { state } = session;
  const words = [
    textOf(session.root),
    sessionWords(session, now).words,
    state.kind === "ready" ? textOf(state.url) : "",
    whoWords(session),
  ];
  return {
    key,
    app: session.app,
    words: words.filter(Boolean).join(" · "),
    series: resourceSeries(history, from),
    marks: [...marks].filter(({ time }) => time >= from).sort((a, b) => a.time - b.time),
  };
}

/** Locks that were used lately, those that are waited for first. */
export function lockRows(keys: readonly KeySummary[]): readonly LockRow[] {
  const timing = ({ count, p50, p99 }: KeySummary["wait"]) => (count > 0 ? ([p50, p99] as const) : null);
  return [...keys]
    .sort((a, b) => b.waiters - a.waiters)
    .slice(0, mostMarks)
    .map(({ key, waiters, attempts, wait, hold }) => ({
      key: textOf(key),
      waiters,
      attempts,
      wait: timing(wait),
      hold: timing(hold),
    }));
}

export function checkRows(health: HealthReport | null): readonly CheckRow[] {
  if (!health) return [];
  return healthComponents.map((name) => {
    const { status, summary, latencyMs, checkedAt } = health.components[name];
    return { name, status, summary: textOf(summary), latencyMs, checkedAt: checkedAt ?? null };
  });
}

function textOf(text: string): string {
  return plainText(text.slice(0, longestText));
}
