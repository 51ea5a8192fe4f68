import { formatMs } from "../../shared/base/deadline.ts";
import type { StatusResult } from "../../shared/protocol/methods.ts";
import { editorRemedy } from "../state/state-line.ts";
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
    const where = state.kind === "ready" ? state.url : state.kind;
    return `  ${app}: ${where} (${root})`;
  });
  return [
    `Daemon ${daemon.version}, process ${daemon.pid}, up ${formatMs(daemon.uptimeMs)}`,
    `Store: ${daemon.store.kind}, ${daemon.store.healthy ? "healthy" : "not reachable"}`,
    `Health: ${health?.status ?? "not checked yet"}`,
    `Locks held: ${locks.length}`,
    `Sessions: ${sessions.length === 0 ? "none" : sessions.length}`,
    ...servers,
  ].join("\n");
}

/** What is wrong, each with a remedy; empty if all is well. */
export function findingsOf({ status, state, build }: Examined): readonly string[] {
  return [
    ...(state.trusted
      ? []
      : ["The workspace isn't trusted: Devlatch shows, and runs nothing. Trust it to run servers."]),
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
          `The daemon is of version ${daemon.version}, this extension of ${build}. Use Devlatch: Restart Daemon (servers go on running).`,
        ]),
    ...(daemon.store.healthy
      ? []
      : [`The ${daemon.store.kind} store doesn't answer. Check devlatch.redisUrl.`]),
    ...components
      .filter(([, { status }]) => status === "critical" || status === "warning")
      .map(([name, { status, summary }]) => `Health of ${name} is ${status}: ${summary}`),
  ];
}
