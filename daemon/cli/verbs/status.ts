import { existsSync } from "node:fs";
import { formatMs } from "../../../shared/base/deadline.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import type { OpenCleanup } from "../../../shared/model/cleanup.ts";
import type { DaemonView } from "../../../shared/model/daemon.ts";
import { cpuWords, memoryWords } from "../../../shared/model/resources.ts";
import { isRunLive, type RunView } from "../../../shared/model/run.ts";
import type { SandboxView } from "../../../shared/model/sandbox.ts";
import { isActive, type SessionView } from "../../../shared/model/session.ts";
import { operations } from "../../../shared/operations/operations.ts";
import type { StatusResult } from "../../../shared/protocol/methods.ts";
import type { Context } from "../context.ts";
import { appsTable } from "../output/here.ts";
import { type Paint, printable, shorten } from "../output/style.ts";
import { table } from "../output/table.ts";
import { shortPath, since, stateColour, stateWords } from "../output/words.ts";
import { alertLines } from "./alerts.ts";
import { statusText as healthWord } from "./health.ts";
import { locksText } from "./locks.ts";
import { verb } from "./verb.ts";

/** Looking changes nothing: where no daemon runs, none is started. */
export const status = verb(operations.status, async (_input, context) => {
  const result = await readStatus(context);
  if (!result) {
    const data = { daemon: null, sessions: [], locks: [], health: null, runs: [] };
    return { data, text: noDaemonText(existsSync(context.home.sessionsDirectory)) };
  }
  const here = await describeHere(context);
  return {
    data: { ...result, here: here ?? null },
    text: statusText(result, Date.now(), context.output.paint, here),
  };
});

/** What can be started here; undefined where that can't be told now: the rest of the status is of use without it. */
async function describeHere(context: Context): Promise<SandboxView | undefined> {
  return context
    .connect()
    .then((connection) => context.ask(operations.detect.requests.directory, {}, connection))
    .catch(() => undefined);
}

/** The status of the daemon that runs; undefined if none does. */
export async function readStatus(context: Context): Promise<StatusResult | undefined> {
  try {
    const connection = await context.connect();
    return await context.ask(operations.status, {}, connection);
  } catch (error) {
    if (hasCode(error, "DAEMON_UNAVAILABLE")) return undefined;
    throw error;
  }
}

/** @param hadSessions whether this home ever had a session */
export function noDaemonText(hadSessions: boolean): string {
  const text = "No daemon runs. The next command that needs one starts it.";
  return hadSessions
    ? `${text}\nServers run on without it; to see them: devlatch daemon start, then devlatch status`
    : text;
}

/** One line about a daemon. */
export function daemonText(daemon: DaemonView, paint: Paint): string {
  const healthy = daemon.store.healthy ? paint("green", "healthy") : paint("red", "not healthy");
  const facts = `pid ${daemon.pid}, version ${daemon.version}, up ${formatMs(daemon.uptimeMs)}`;
  return `Daemon: ${facts}, store ${daemon.store.kind} (${healthy})`;
}

/**
 * The whole status, for people.
 * @param now milliseconds since the epoch
 * @param here the directory the caller is in
 */
export function statusText(result: StatusResult, now: number, paint: Paint, here?: SandboxView): string {
  const health = result.health ? healthWord(result.health.status, paint) : "not checked yet";
  return [
    daemonText(result.daemon, paint),
    `Health: ${health}`,
    ...(result.alerts ?? []).map((alert) => `\n${alertLines(alert, paint)}`),
    "",
    ...serversText(result.sessions, now, paint, here),
    "",
    ...runsText(result.runs ?? [], now, paint),
    locksText(result.locks, paint),
    ...cleanupsText(result.cleanups ?? [], now),
  ].join("\n");
}

/** Runs that live; those that ended are of no interest here. */
function runsText(runs: readonly RunView[], now: number, paint: Paint): string[] {
  const live = runs.filter(({ state }) => isRunLive(state));
  if (live.length === 0) return [];
  const rows = live.map(({ key, state, startedAt, command, cwd }) => [
    printable(key),
    state.kind,
    since(startedAt, now),
    printable(shorten(command, 60)),
    printable(shortPath(cwd)),
  ]);
  return [table(["RUN", "STATE", "SINCE", "COMMAND", "DIRECTORY"], rows, paint), ""];
}

/** Nothing where all is cleaned up, as it should be. */
function cleanupsText(cleanups: readonly OpenCleanup[], now: number): string[] {
  if (cleanups.length === 0) return [];
  const lines = cleanups.map(({ what, thing, error, since: begun }) =>
    printable(`- ${what} ${thing}, since ${since(begun, now)}: ${error?.message ?? "not tried again yet"}`),
  );
  return ["", "Cleanups that failed and are tried again (devlatch doctor):", ...lines];
}

/** This project's servers and what it could start come first. */
function serversText(
  sessions: readonly SessionView[],
  now: number,
  paint: Paint,
  here: SandboxView | undefined,
): string[] {
  const [own = [], others = []] = partition(sessions, ({ sandboxId }) => sandboxId === here?.sandboxId);
  const startable =
    here?.apps.filter(({ app }) => !own.some((one) => one.app === app && isActive(one.state))) ?? [];
  const parts = [
    ...(own.length > 0 ? [sessionsText(own, now, paint)] : []),
    ...(startable.length > 0
      ? [`Can be started here with devlatch start APP:\n${appsTable(startable, paint)}`]
      : []),
    ...(others.length > 0
      ? [`${own.length + startable.length > 0 ? "Elsewhere:\n" : ""}${sessionsText(others, now, paint)}`]
      : []),
  ];
  if (sessions.length === 0)
    parts.unshift(startable.length > 0 ? "No servers." : "No servers. Start one with: devlatch start web");
  return parts.flatMap((part, index) => (index === 0 ? [part] : ["", part]));
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): readonly T[][] {
  return [items.filter(isFirst), items.filter((one) => !isFirst(one))];
}

function sessionsText(sessions: readonly SessionView[], now: number, paint: Paint): string {
  const rows = sessions.map((session) => {
    const { state, resources } = session;
    const ready = state.kind === "ready" ? state : undefined;
    return [
      session.app,
      paint(stateColour(session), stateWords(session)),
      since(state.since, now),
      ready?.url ?? "-",
      String(ready?.pid ?? "-"),
      resources ? cpuWords(resources.cpuPercent) : "-",
      resources ? memoryWords(resources.memoryBytes) : "-",
      String(resources?.processes ?? "-"),
      printable(shortPath(session.cwd)),
      printable(session.holders.map(({ label }) => label).join("; ") || "-"),
    ];
  });
  return table(
    ["APP", "STATE", "SINCE", "URL", "PID", "CPU", "MEMORY", "PROCESSES", "DIRECTORY", "USED BY"],
    rows,
    paint,
  );
}
