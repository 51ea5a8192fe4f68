import { formatMs } from "../../../shared/base/deadline.ts";
import { type HealthStatus, healthComponents, worstStatus } from "../../../shared/model/health.ts";
import type { HealthSample } from "../../../shared/model/health-history.ts";
import { type Paint, printable } from "../output/style.ts";
import { table } from "../output/table.ts";
import { shorten } from "../output/width.ts";

/** Milliseconds since the epoch. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** Most characters a line of history takes, and the fewest; what stands before it takes so many columns. */
const lineWidth = { most: 48, fewest: 12, before: 46 } as const;
const marks: Readonly<Record<HealthStatus, string>> = {
  healthy: "▁",
  unknown: "?",
  warning: "▄",
  critical: "█",
};
const colours = { healthy: "green", warning: "yellow", critical: "red", unknown: "dim" } as const;
const heights = "▁▂▃▄▅▆▇█";
/** What is drawn as a line, in shares of 1. */
const drawn = ["cpu", "memory", "disk"] as const;
/** The last ones that weren't well, in words. */
const shownTroubles = 5;

/** How the components were, for people: a line each, the oldest on the left. */
export function historyText(samples: readonly HealthSample[], span: Span, paint: Paint): string {
  if (samples.length === 0) return "Nothing was recorded in this time";
  const room = (paint.columns ?? Number.POSITIVE_INFINITY) - lineWidth.before;
  const width = Math.max(lineWidth.fewest, Math.min(lineWidth.most, room));
  const rows = healthComponents.map((name) => {
    const own = samples.filter(({ component }) => component === name);
    const worst = worstStatus(own.map(({ status }) => status));
    return [name, paint(colours[worst], worst), latencyText(own), statusLine(own, span, paint, width)];
  });
  const resources = samples.filter(({ component }) => component === "resources");
  const measured = drawn
    .filter((name) => valuesOf(resources, name).length > 0)
    .map((name) => [name, "", shareText(resources, name), shareLine(resources, name, span, width)]);
  const heads = ["COMPONENT", "WORST", "USUALLY (MOST)", `${timeText(span.from)} to ${timeText(span.to)}`];
  return [table(heads, [...rows, ...measured], paint), ...troubles(samples, paint)].join("\n");
}

function troubles(samples: readonly HealthSample[], { columns }: Paint): string[] {
  const bad = samples.filter(({ status }) => status !== "healthy").slice(-shownTroubles);
  return bad.map(({ time, component, status, summary }) => {
    const text = `${timeText(time)} ${component} ${status}: ${printable(summary)}`;
    return columns === undefined ? text : shorten(text, columns);
  });
}

function statusLine(samples: readonly HealthSample[], span: Span, paint: Paint, width: number): string {
  return columns(samples, span, width, (inside) => {
    const worst = worstStatus(inside.map(({ status }) => status));
    return paint(colours[worst], marks[worst]);
  });
}

function shareLine(samples: readonly HealthSample[], name: string, span: Span, width: number): string {
  return columns(samples, span, width, (inside) => {
    const values = valuesOf(inside, name);
    if (values.length === 0) return " ";
    const step = Math.floor(Math.max(...values) * heights.length);
    return heights[Math.min(heights.length - 1, Math.max(0, step))] ?? " ";
  });
}

/** One character for each part of the time in which something was recorded, else a space; `width` in all. */
function columns(
  samples: readonly HealthSample[],
  { from, to }: Span,
  width: number,
  draw: (inside: readonly HealthSample[]) => string,
): string {
  const part = (to - from) / width;
  return Array.from({ length: width }, (_, index) => {
    const [begin, end] = [from + index * part, from + (index + 1) * part];
    // An hour's sample covers all columns of the hour.
    const inside = samples.filter(({ time, spanMs }) => time < end && time + spanMs >= begin);
    return inside.length === 0 ? " " : draw(inside);
  }).join("");
}

function latencyText(samples: readonly HealthSample[]): string {
  if (samples.length === 0) return "";
  const max = Math.max(...samples.map(({ latencyMs }) => latencyMs.max));
  return `${formatMs(mean(samples.map(({ latencyMs }) => latencyMs.average)))} (${formatMs(max)})`;
}

function shareText(samples: readonly HealthSample[], name: string): string {
  const values = valuesOf(samples, name);
  if (values.length === 0) return "";
  return `${Math.round(mean(values) * 100)} % (${Math.round(Math.max(...values) * 100)} %)`;
}

function valuesOf(samples: readonly HealthSample[], name: string): number[] {
  return samples.flatMap(({ values }) => values[name] ?? []);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** `2026-01-05 14:03`, in local time. */
function timeText(time: number): string {
  const date = new Date(time - new Date(time).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 16).replace("T", " ");
}
