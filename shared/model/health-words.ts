import { t } from "@vscode/l10n";
import type { HealthComponentName, HealthMeasure, HealthStatus } from "./health.ts";

/** What is said of one check in the line that stands for all of them. */
interface Checked {
  readonly status: HealthStatus;
  /** Milliseconds since the epoch; null before the first look. */
  readonly checkedAt: number | null;
}

/** `All well`, or how many checks aren't well, and of how many nothing is known yet. */
export function wellWords(checks: readonly Checked[]): string {
  const unwell = checks.filter(({ status }) => status === "warning" || status === "critical").length;
  const unknown = checks.filter(({ status }) => status === "unknown").length;
  const parts = [
    unwell === 0 ? [] : [unwell === 1 ? t("1 check isn't well") : t("{0} checks aren't well", unwell)],
    unknown === 0 ? [] : [unknown === 1 ? t("1 check unknown") : t("{0} checks unknown", unknown)],
  ].flat();
  return parts.length === 0 ? t("All well") : parts.join(", ");
}

/** `All well · checked 12 s ago`. @param now milliseconds since the epoch */
export function checksWords(checks: readonly Checked[], now: number): string {
  const times = checks.flatMap(({ checkedAt }) => (checkedAt === null ? [] : [checkedAt]));
  if (times.length === 0) return t("Not checked yet");
  return `${wellWords(checks)} · ${t("checked {0}", agoWords(now - Math.max(...times)))}`;
}

/** `12 s ago`, in minutes from two on. @param ms milliseconds */
export function agoWords(ms: number): string {
  const seconds = Math.max(Math.round(ms / 1_000), 0);
  return seconds < 120 ? t("{0} s ago", seconds) : t("{0} min ago", Math.round(seconds / 60));
}

/** `a warning from 70 %, critical from 90 %` */
export function thresholdWords({ warning, critical, unit }: HealthMeasure): string {
  return critical > warning
    ? t("a warning from {0} {2}, critical from {1} {2}", warning, critical, unit)
    : t("a warning from {0} {1}", warning, unit);
}

/** The name of a status. */
export function statusWords(status: HealthStatus): string {
  const words: Readonly<Record<HealthStatus, string>> = {
    healthy: t("healthy"),
    warning: t("warning"),
    critical: t("critical"),
    unknown: t("unknown"),
  };
  return words[status];
}

/** The name of what is checked. */
export function componentWords(name: HealthComponentName): string {
  const words: Readonly<Record<HealthComponentName, string>> = {
    store: t("Store"),
    database: t("Database"),
    concurrency: t("Concurrency"),
    resources: t("Resources"),
    servers: t("Servers"),
  };
  return words[name];
}
