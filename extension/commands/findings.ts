import { t } from "@vscode/l10n";
import { formatMs } from "../../shared/base/deadline.ts";
import { statusWords } from "../../shared/model/health-words.ts";
import type { StatusResult } from "../../shared/protocol/methods.ts";
import { editorRemedy, kindWords } from "../state/state-line.ts";
import type { WindowState } from "../state/window-state.ts";

/** What the doctor looks at. */
export interface Examined {
  /** The daemon's own words; undefined if it can't be reached. */
  readonly status: StatusResult | undefined;
  readonly state: WindowState;
  /** Build of this extension. */
  readonly build: string;
  readonly logFile: string;
}

/** Daemon, sessions, locks and health in a few lines. */
export function describeStatus({ daemon, sessions, locks, health }: StatusResult): string {
  const servers = sessions.map(({ app, root, state }) => {
    const where = state.kind === "ready" ? state.url : kindWords(state.kind);
    return `  ${app}: ${where} (${root})`;
  });
  return [
    t("Daemon {0}, process {1}, up {2}", daemon.version, daemon.pid, formatMs(daemon.uptimeMs)),
    daemon.store.healthy
      ? t("Store: {0}, healthy", daemon.store.kind)
      : t("Store: {0}, not reachable", daemon.store.kind),
    health ? t("Health: {0}", statusWords(health.status)) : t("Health: not checked yet"),
    t("Locks held: {0}", locks.length),
    t("Sessions: {0}", sessions.length),
    ...servers,
  ].join("\n");
}

/** What is wrong, each with a remedy; empty if all is well. */
export function findingsOf({ status, state, build }: Examined): readonly string[] {
  return [
    ...(state.trusted
      ? []
      : [t("The workspace isn't trusted: Devlatch shows, and runs nothing. Trust it to run servers.")]),
    ...(state.link.kind === "disconnected"
      ? [`${state.link.error.message} ${editorRemedy(state.link.error.remedy)}`]
      : []),
    ...(status ? daemonFindings(status, build) : []),
    ...state.folders.flatMap(({ name, sandbox, error }) =>
      [...(sandbox?.problems ?? []), ...(error ? [error] : [])].map(
        (problem) => `${name}: ${problem.message} ${editorRemedy(problem.remedy)}`,
      ),
    ),
  ];
}

function daemonFindings({ daemon, health }: StatusResult, build: string): readonly string[] {
  const components = Object.entries(health?.components ?? {});
  return [
    ...(daemon.version === build
      ? []
      : [
          t(
            "The daemon is of version {0}, this extension of {1}. Use Devlatch: Restart Daemon (servers go on running).",
            daemon.version,
            build,
          ),
        ]),
    ...(daemon.store.healthy
      ? []
      : [t("The {0} store doesn't answer. Check devlatch.redisUrl.", daemon.store.kind)]),
    ...components
      .filter(([, { status }]) => status === "critical" || status === "warning")
      .map(([name, { status, summary }]) =>
        t("Health of {0} is {1}: {2}", name, statusWords(status), summary),
      ),
  ];
}
