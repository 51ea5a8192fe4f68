import { t } from "@vscode/l10n";
import type {
  HealthComponent,
  HealthComponentName,
  HealthReport,
  HealthStatus,
} from "../../shared/model/health.ts";
import {
  agoWords,
  componentWords,
  statusWords,
  thresholdWords,
  wellWords,
} from "../../shared/model/health-words.ts";
import { commands } from "../contributions/commands.ts";
import type { WindowState } from "../state/window-state.ts";
import { escapeMarkdown, type LocalTime } from "../state/words.ts";
import type { ViewNode } from "./view-node.ts";

/** In the order they are shown. The model's own list would bring its schemas, which take long to load. */
const names = ["store", "database", "concurrency", "resources", "servers"] as const;

const icons: Readonly<Record<HealthStatus, { name: string; color?: string }>> = {
  healthy: { name: "pass", color: "testing.iconPassed" },
  warning: { name: "warning", color: "list.warningForeground" },
  critical: { name: "error", color: "testing.iconFailed" },
  unknown: { name: "question" },
};

/** Row of the Health view that all checks are folded into; unfolded where something isn't well. */
export function healthNodes(state: WindowState, clock: LocalTime): readonly ViewNode[] {
  const { health, link } = state;
  if (link.kind === "disconnected" || health === null) return [];
  const components = names.map((name) => health.components[name]);
  const checks = components.map(({ status, checkedAt = null }) => ({ status, checkedAt }));
  const looks = checks.flatMap(({ checkedAt }) => checkedAt ?? []);
  const worst = worstOf(checks.map(({ status }) => status));
  // Of what isn't known yet nothing is wrong.
  const isUnwell = worst === "warning" || worst === "critical";
  const label = looks.length === 0 ? t("Not checked yet") : wellWords(checks);
  const age = looks.length === 0 ? undefined : t("checked {0}", ageWords(Math.max(...looks), clock));
  return [
    {
      // Another row, so that the editor unfolds it: it keeps how a row was folded.
      id: `health:${isUnwell ? "unwell" : "well"}`,
      label,
      ...(age === undefined ? {} : { description: age }),
      accessibleName: [label, age].filter(Boolean).join(", "),
      icon: icons[looks.length === 0 ? "unknown" : worst],
      collapsed: !isUnwell,
      children: names.map((name) => componentNode(name, health, clock)),
    },
  ];
}

const worstFirst = ["critical", "warning", "unknown"] as const;

/** All is well only where it is known of each check. */
function worstOf(statuses: readonly HealthStatus[]): HealthStatus {
  return worstFirst.find((one) => statuses.includes(one)) ?? "healthy";
}

function componentNode(name: HealthComponentName, report: HealthReport, clock: LocalTime): ViewNode {
  const component = report.components[name];
  const { status, summary, latencyMs, checkedAt } = component;
  const checked =
    checkedAt === undefined
      ? t("Not checked yet")
      : t("Checked at {0} in {1} ms", clock.timeOfDay(checkedAt), latencyMs.toFixed(1));
  return {
    id: `health:${name}`,
    label: componentWords(name),
    description: summary,
    accessibleName: `${componentWords(name)}, ${statusWords(status)}: ${summary.replaceAll(" · ", ", ")}`,
    tooltip: [
      `**${componentWords(name)}**: ${lastingWords(component, clock)}`,
      ...detailsOf(component).map(escapeMarkdown),
      checked,
    ].join("\n\n"),
    icon: icons[status],
    collapsed: true,
    children: partsOf(name, component, clock),
  };
}

function lastingWords({ status, since }: HealthComponent, clock: LocalTime): string {
  return since === undefined
    ? statusWords(status)
    : t("{0} since {1}", statusWords(status), clock.timeOfDay(since));
}

/** Figures with their thresholds, how old they are, and the way to what was before. */
function partsOf(name: HealthComponentName, component: HealthComponent, clock: LocalTime): ViewNode[] {
  const { measures = [], findings = [], checkedAt, since, latencyMs } = component;
  const part = (id: string) => `health:${name}:${id}`;
  const measured = new Set(measures.map(({ id }) => id));
  return [
    ...findings
      .filter(({ id }) => !measured.has(id))
      .map((finding) => ({ id: part(finding.id), label: finding.summary, icon: icons[finding.status] })),
    ...measures.map((measure) => {
      const found = findings.find(({ id }) => id === measure.id);
      return {
        id: part(measure.id),
        label: measure.words,
        description: thresholdWords(measure),
        icon: icons[found?.status ?? "healthy"],
      };
    }),
    ...(checkedAt === undefined
      ? []
      : [
          {
            id: part("looked"),
            label: t("Checked {0}", ageWords(checkedAt, clock)),
            description: [
              t("took {0} ms", latencyMs.toFixed(1)),
              ...(since === undefined ? [] : [lastingWords(component, clock)]),
            ].join(", "),
            icon: { name: "clock" },
          },
        ]),
    {
      id: part("history"),
      label: t("History"),
      description: t("in the dashboard"),
      icon: { name: "graph-line" },
      command: commands.openDashboard.id,
    },
  ];
}

/** From ten seconds on in steps of five: a row that changes all the time can't be read, and loses clicks. */
function ageWords(time: number, clock: LocalTime): string {
  const ms = clock.now() - time;
  return agoWords(ms < 10_000 ? ms : ms - (ms % 5_000));
}

/** One line for each thing that isn't well. */
function detailsOf({ findings = [], summary }: HealthComponent): readonly string[] {
  return findings.length > 1
    ? findings.map((finding) => `${statusWords(finding.status)}: ${finding.summary}`)
    : [summary];
}
