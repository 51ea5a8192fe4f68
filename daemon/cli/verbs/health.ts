import { formatMs } from "../../../shared/base/deadline.ts";
import type { HealthReport, HealthStatus } from "../../../shared/model/health.ts";
import { operations } from "../../../shared/operations/operations.ts";
import { type Paint, printable } from "../output/style.ts";
import { table } from "../output/table.ts";
import { verb } from "./verb.ts";

const colours = { healthy: "green", warning: "yellow", critical: "red", unknown: "dim" } as const;

export const health = verb(operations.health, async (_input, context) => {
  const connection = await context.ensure();
  const report = await connection.request("health/check", {}, { signal: context.signal });
  return { data: report, text: healthText(report, context.output.paint) };
});

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
