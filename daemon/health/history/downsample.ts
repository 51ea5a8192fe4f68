import { severityOf } from "../../../shared/model/health.ts";
import type { HealthSample } from "../../../shared/model/health-history.ts";

export const hourMs = 60 * 60_000;

/** Sums single looks up by component and hour. */
export function byHour(samples: readonly HealthSample[]): HealthSample[] {
  const groups = Map.groupBy(samples, ({ component, time }) => `${component} ${hourOf(time)}`);
  const hours = [...groups.values()].map((group) => group.reduce(joined));
  return hours.map((hour) => ({ ...hour, time: hourOf(hour.time), spanMs: hourMs }));
}

export function hourOf(time: number): number {
  return Math.floor(time / hourMs) * hourMs;
}

/** Both in one: the worst state with its words, averages weighted by looks, the largest latency. */
function joined(one: HealthSample, other: HealthSample): HealthSample {
  const looks = one.looks + other.looks;
  const mean = (a: number, b: number) => (a * one.looks + b * other.looks) / looks;
  const worst = severityOf(other.status) > severityOf(one.status) ? other : one;
  const names = new Set([...Object.keys(one.values), ...Object.keys(other.values)]);
  const values = [...names].map((name) => {
    const [a, b] = [one.values[name], other.values[name]];
    return [name, mean(a ?? b ?? 0, b ?? a ?? 0)] as const;
  });
  return {
    component: one.component,
    time: Math.min(one.time, other.time),
    spanMs: 0,
    looks,
    status: worst.status,
    summary: worst.summary,
    latencyMs: {
      average: mean(one.latencyMs.average, other.latencyMs.average),
      max: Math.max(one.latencyMs.max, other.latencyMs.max),
    },
    values: Object.fromEntries(values),
  };
}
