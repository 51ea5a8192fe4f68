import { formatMs } from "../../../shared/base/deadline.ts";
import type { HealthReport, HealthStatus } from "../../../shared/model/health.ts";
import type { HealthSample } from "../../../shared/model/health-history.ts";
import { operations } from "../../../shared/operations/operations.ts";
import { momentOf } from "../arguments/moment.ts";
import type { Context } from "../context.ts";
import { type Paint, printable } from "../output/style.ts";
import { table } from "../output/table.ts";
import { historyText } from "./health-history.ts";
import { verb } from "./verb.ts";

const colours = { healthy: "green", warning: "yellow", critical: "red", unknown: "dim" } as const;
const usualSince = "1d";

export const health = verb(operations.health, async ({ history, since }, context) => {
  if (history || since !== undefined) return past(since ?? usualSince, context);
  const connection = await context.ensure();
  const report = await connection.request("health/check", {}, { signal: context.signal });
  return { data: report, text: healthText(report, context.output.paint) };
});

async function past(since: string, context: Context) {
  const to = Date.now();
  const from = momentOf("since", since, to) ?? 0;
  const samples = await allSamples({ from, to }, context);
  return { data: { from, to, samples }, text: historyText(samples, { from, to }, context.output.paint) };
}

async function allSamples(span: { from: number; to: number }, context: Context): Promise<HealthSample[]> {
  const connection = await context.ensure();
  const samples: HealthSample[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const request = { ...span, limit: 5_000, ...(cursor === undefined ? {} : { cursor }) };
    const page = await connection.request("health/history", request, { signal: context.signal });
    samples.push(...page.samples);
    cursor = page.next;
  }
  return samples;
}

/** A health report, for people. */
function healthText(report: HealthReport, paint: Paint): string {
  const rows = Object.entries(report.components).map(([name, component]) => [
    name,
    statusText(component.status, paint),
    formatMs(component.latencyMs),
    printable(component.summary),
  ]);
  const heads = ["COMPONENT", "STATUS", "CHECK TOOK", "SUMMARY"];
  return `Health: ${statusText(report.status, paint)}\n${table(heads, rows, paint)}`;
}

export function statusText(status: HealthStatus, paint: Paint): string {
  return paint(colours[status], status);
}
