import type { HealthComponentName, HealthReport, HealthStatus } from "../../shared/model/health.ts";
import type { WindowState } from "../state/window-state.ts";
import { type Clock, escapeMarkdown } from "../state/words.ts";
import type { ViewNode } from "./server-nodes.ts";

const labels: Readonly<Record<HealthComponentName, string>> = {
  store: "Store",
  database: "Database",
  concurrency: "Concurrency",
  resources: "Resources",
  servers: "Servers",
};

const icons: Readonly<Record<HealthStatus, { name: string; color?: string }>> = {
  healthy: { name: "pass", color: "testing.iconPassed" },
  warning: { name: "warning", color: "list.warningForeground" },
  critical: { name: "error", color: "testing.iconFailed" },
  unknown: { name: "question" },
};

/** Rows of the Health view: one component each. */
export function healthNodes(state: WindowState, clock: Clock): readonly ViewNode[] {
  const { health, link } = state;
  if (link.kind === "disconnected" || health === null) return [];
  const names = Object.keys(labels) as HealthComponentName[];
  return names.map((name) => componentNode(name, health, clock));
}

function componentNode(name: HealthComponentName, report: HealthReport, clock: Clock): ViewNode {
  const { status, summary, latencyMs } = report.components[name];
  return {
    id: `health:${name}`,
    label: labels[name],
    description: summary,
    tooltip: [
      `**${labels[name]}**: ${status}`,
      escapeMarkdown(summary),
      `Checked at ${clock.timeOfDay(report.checkedAt)} in ${latencyMs.toFixed(1)} ms`,
    ].join("\n\n"),
    icon: icons[status],
  };
}
