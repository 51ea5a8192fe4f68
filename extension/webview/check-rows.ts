import { t } from "@vscode/l10n";
import {
  type HealthComponentName,
  type HealthReport,
  type HealthStatus,
  healthComponents,
} from "../../shared/model/health.ts";
import type { HealthSample } from "../../shared/model/health-history.ts";
import { componentWords, thresholdWords } from "../../shared/model/health-words.ts";
import type { CheckRow, Mark, Series } from "./page-data.ts";
import { checkedValues, type Known, latencyOf, withGaps } from "./series.ts";
import { mostMarks, textOf } from "./shown-text.ts";

/** All checks with what was measured, and how each was before. @param from milliseconds since the epoch */
export function checkRows(
  health: HealthReport | null,
  looks: readonly HealthSample[],
  from: number,
): readonly CheckRow[] {
  if (!health) return [];
  return healthComponents.map((name) => {
    const { status, summary, latencyMs, checkedAt = null, measures = [] } = health.components[name];
    const own = looks.filter(({ component, time }) => component === name && time >= from);
    return {
      name: componentWords(name),
      ...{ status, summary: textOf(summary), latencyMs, checkedAt },
      measures: measures.map((measure) => `${textOf(measure.words)}: ${thresholdWords(measure)}`),
      history: historyOf(name, own, from),
      troubles: troublesOf(own),
    };
  });
}

/** How long a check took; of the machine how busy and full it was. */
function historyOf(name: HealthComponentName, looks: readonly HealthSample[], from: number) {
  const shares = sharesOf(looks, from);
  return shares.length > 0 ? shares : [latencyOf(t("Took"), name, looks, from)];
}

/** What a check measured in shares of one: CPU and memory of the machine. */
function sharesOf(looks: readonly HealthSample[], from: number): readonly Series[] {
  const series = (["cpu", "memory"] as const).map((name) => {
    const known = checkedValues(looks, name).map(([time, share, due]): Known => [time, share * 100, due]);
    return withGaps(name === "cpu" ? t("CPU") : t("Memory"), "%", known, from);
  });
  return series.filter(({ times }) => times.length > 0);
}

/** Looks that found a check worse than the one before. */
function troublesOf(looks: readonly HealthSample[]): readonly Mark[] {
  const marks: Mark[] = [];
  let before: HealthStatus = "healthy";
  for (const { time, status, summary } of looks) {
    if (status !== before && (status === "warning" || status === "critical"))
      marks.push({ time, kind: status, text: textOf(summary) });
    before = status;
  }
  return marks.slice(-mostMarks);
}
