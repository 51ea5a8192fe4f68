import { formatMs, since } from "../../../shared/base/deadline.ts";
import type { OpenCleanup } from "../../../shared/model/cleanup.ts";
import type { DaemonView } from "../../../shared/model/daemon.ts";
import type { HealthReport } from "../../../shared/model/health.ts";
import type { SandboxView } from "../../../shared/model/sandbox.ts";
import type { SeenExternal } from "../../../shared/protocol/apps.ts";
import type { StatusResult } from "../../../shared/protocol/methods.ts";
import { alertLines } from "../output/alert-lines.ts";
import { healthWord } from "../output/health-word.ts";
import { locksText } from "../output/locks-text.ts";
import { type Paint, printable } from "../output/style.ts";
import { projectsText } from "./projects.ts";
import type { Style } from "./rows.ts";

/** What a status is made of. */
export interface Status {
  readonly result: StatusResult;
  /** The directory the caller is in; undefined where that can't be told now. */
  readonly here: SandboxView | undefined;
  readonly externals: readonly SeenExternal[];
}

/** The whole status, for people: of what is as it should be nothing is said. */
export function statusText({ result, here, externals }: Status, style: Style): string {
  const { sessions, runs = [], alerts = [], cleanups = [], locks, daemon } = result;
  const { paint, now, isLong } = style;
  return [
    projectsText({ sessions, runs, here, externals }, style) || "No servers.",
    ...alerts.map((alert) => alertLines(alert, paint)),
    ...cleanupsText(cleanups, now),
    ...(isLong && locks.length > 0 ? [locksText(locks, paint)] : []),
    ...healthText(result.health, style),
    ...(isLong || !daemon.store.healthy ? [daemonText(daemon, paint)] : []),
  ].join("\n\n");
}

/** One line about a daemon. */
export function daemonText(daemon: DaemonView, paint: Paint): string {
  const healthy = daemon.store.healthy ? paint("green", "healthy") : paint("red", "not healthy");
  const facts = `pid ${daemon.pid}, version ${daemon.version}, up ${formatMs(daemon.uptimeMs)}`;
  return `Daemon: ${facts}, store ${daemon.store.kind} (${healthy})`;
}

/** @param hadSessions whether this home ever had a session */
export function noDaemonText(hadSessions: boolean): string {
  const text = "No daemon runs. The next command that needs one starts it.";
  return hadSessions
    ? `${text}\nServers run on without it; to see them: devlatch daemon start, then devlatch status`
    : text;
}

/** What isn't known yet is no news either. */
function healthText(health: HealthReport | null, { paint, isLong }: Style): string[] {
  const isBad = health?.status === "warning" || health?.status === "critical";
  if (health === null) return isLong ? ["Health: not checked yet"] : [];
  const more = isBad ? ", see: devlatch health" : "";
  return isLong || isBad ? [`Health: ${healthWord(health.status, paint)}${more}`] : [];
}

/** Nothing where all is cleaned up, as it should be. */
function cleanupsText(cleanups: readonly OpenCleanup[], now: number): string[] {
  if (cleanups.length === 0) return [];
  const lines = cleanups.map(({ what, thing, error, since: begun }) =>
    printable(`- ${what} ${thing}, since ${since(begun, now)}: ${error?.message ?? "not tried again yet"}`),
  );
  return [["Cleanups that failed and are tried again (devlatch doctor):", ...lines].join("\n")];
}
