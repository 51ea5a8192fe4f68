import { type LockAlert, LockAlertKind } from "../../shared/model/concurrency.ts";
import { boundsMs, type Histogram } from "./histogram.ts";
import { type KeyStats, otherKey, type StatsTable, type Totals } from "./key-stats.ts";

type Labels = Readonly<Record<string, string>>;
type Live = ReadonlyMap<string, { readonly holding: number; readonly waiting: number }>;
type Entries = readonly (readonly [key: string, stats: KeyStats])[];

/**
 * Counters, gauges and histograms in Prometheus' text format, version 0.0.4.
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function metricsText(stats: StatsTable, live: Live, alerts: readonly LockAlert[]): string {
  const entries = stats.entries();
  const shown = foldUnknown(live, stats);
  const lines = [
    ...counter("attempts", "Attempts to take a lock.", entries, ({ attempts }) => attempts),
    ...counter("grants", "Attempts that got the lock.", entries, ({ grants }) => grants),
    ...failures(entries),
    ...counter(
      "abandoned",
      "Attempts cancelled, or ended by a store that is away.",
      entries,
      ({ abandoned }) => abandoned,
    ),
    ...counter("losses", "Grants lost while their holder worked.", entries, ({ losses }) => losses),
    ...histogram(
      "wait",
      "Time from asking for a lock to having it or giving up.",
      entries,
      ({ wait }) => wait,
    ),
    ...histogram("hold", "Time a lock was held.", entries, ({ hold }) => hold),
    ...gauge("devlatch_lock_held", "Locks this daemon holds now.", shown, ({ holding }) => holding),
    ...gauge(
      "devlatch_lock_waiters",
      "Attempts of this daemon that wait now.",
      live,
      ({ waiting }) => waiting,
    ),
    ...family("devlatch_lock_alerts", "gauge", "Alerts about locks on the store now."),
    ...LockAlertKind.options.map((kind) =>
      sample("devlatch_lock_alerts", { kind }, alerts.filter((alert) => alert.kind === kind).length),
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function counter(name: string, help: string, entries: Entries, of: (totals: Totals) => number): string[] {
  const full = `devlatch_lock_${name}_total`;
  return [
    ...family(full, "counter", help),
    ...entries.map(([key, { totals }]) => sample(full, { key }, of(totals))),
  ];
}

function failures(entries: Entries): string[] {
  const full = "devlatch_lock_failures_total";
  return [
    ...family(full, "counter", "Attempts that were refused or timed out."),
    ...entries.flatMap(([key, { totals }]) => [
      sample(full, { key, reason: "refused" }, totals.refused),
      sample(full, { key, reason: "timeout" }, totals.timedOut),
    ]),
  ];
}

function histogram(
  name: string,
  help: string,
  entries: Entries,
  of: (stats: KeyStats) => Histogram,
): string[] {
  const full = `devlatch_lock_${name}_seconds`;
  return [
    ...family(full, "histogram", help),
    ...entries.flatMap(([key, stats]) => buckets(full, key, of(stats))),
  ];
}

function buckets(name: string, key: string, histogram: Histogram): string[] {
  const cumulative = histogram.cumulative();
  const bounds = [...boundsMs.map((ms) => String(ms / 1_000)), "+Inf"];
  return [
    ...bounds.map((le, index) => sample(`${name}_bucket`, { key, le }, cumulative[index] ?? 0)),
    sample(`${name}_sum`, { key }, histogram.sumMs / 1_000),
    sample(`${name}_count`, { key }, histogram.count),
  ];
}

function gauge(
  name: string,
  help: string,
  live: Live,
  of: (count: { holding: number; waiting: number }) => number,
): string[] {
  return [
    ...family(name, "gauge", help),
    ...[...live].map(([key, count]) => sample(name, { key }, of(count))),
  ];
}

/** Keys that are counted under `other` are shown there too. */
function foldUnknown(live: Live, stats: StatsTable): Live {
  const shown = new Map<string, { holding: number; waiting: number }>();
  for (const [key, { holding, waiting }] of live) {
    const name = stats.get(key) ? key : otherKey;
    const sum = shown.get(name) ?? { holding: 0, waiting: 0 };
    shown.set(name, { holding: sum.holding + holding, waiting: sum.waiting + waiting });
  }
  return shown;
}

function family(name: string, type: "counter" | "gauge" | "histogram", help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function sample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}{${pairs.join(",")}} ${value}`;
}

/** Backslash, quote and line feed are the three characters a label's value must escape. */
function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
