import type {
  HealthComponent,
  HealthComponentName,
  HealthReport,
  HealthStatus,
} from "../../shared/model/health.ts";
import type { WindowState } from "../state/window-state.ts";
import { escapeMarkdown, type LocalTime } from "../state/words.ts";
import type { ViewNode } from "./view-node.ts";

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
export function healthNodes(state: WindowState, clock: LocalTime): readonly ViewNode[] {
  const { health, link } = state;
  if (link.kind === "disconnected" || health === null) return [];
  const names = Object.keys(labels) as HealthComponentName[];
  return names.map((name) => componentNode(name, health, clock));
}

function componentNode(name: HealthComponentName, report: HealthReport, clock: LocalTime): ViewNode {
  const component = report.components[name];
  const { status, summary, latencyMs, since, checkedAt } = component;
  const checked =
    checkedAt === undefined
      ? "Not checked yet"
      : `Checked at ${clock.timeOfDay(checkedAt)} in ${latencyMs.toFixed(1)} ms`;
  return {
    id: `health:${name}`,
    label: labels[name],
    description: summary,
    tooltip: [
      `**${labels[name]}**: ${status}${since === undefined ? "" : ` since ${clock.timeOfDay(since)}`}`,
      ...detailsOf(component).map(escapeMarkdown),
      checked,
    ].join("\n\n"),
    icon: icons[status],
  };
}

/** One line for each thing that isn't well. */
function detailsOf({ findings = [], summary }: HealthComponent): readonly string[] {
  return findings.length > 1 ? findings.map((finding) => `${finding.status}: ${finding.summary}`) : [summary];
}
