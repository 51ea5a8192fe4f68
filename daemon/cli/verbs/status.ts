import { existsSync } from "node:fs";
import { formatMs } from "../../../shared/base/deadline.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import type { Connection } from "../../../shared/client/connection.ts";
import type { OpenCleanup } from "../../../shared/model/cleanup.ts";
import type { DaemonView } from "../../../shared/model/daemon.ts";
import { cpuWords, memoryWords } from "../../../shared/model/resource-words.ts";
import type { RunView } from "../../../shared/model/run.ts";
import { isRunLive } from "../../../shared/model/run-state.ts";
import type { SandboxView } from "../../../shared/model/sandbox.ts";
import type { SessionView } from "../../../shared/model/session.ts";
import { isActive } from "../../../shared/model/session-state.ts";
import { status as statusOperation } from "../../../shared/operations/daemon.ts";
import { detect as detectOperation } from "../../../shared/operations/detect.ts";
import type { StatusResult } from "../../../shared/protocol/methods.ts";
import type { Context } from "../context.ts";
import { alertLines } from "../output/alert-lines.ts";
import { healthWord } from "../output/health-word.ts";
import { appsTable } from "../output/here.ts";
import { locksText } from "../output/locks-text.ts";
import { type Paint, printable, shorten } from "../output/style.ts";
import { table } from "../output/table.ts";
import { shortPath, since, stateColour, stateWords } from "../output/words.ts";
import { verb } from "./verb.ts";

/** A project, as its directory shows it. */
interface Around {
  readonly own: readonly SessionView[];
  /** What could be started; undefined where that can't be told now. */
  readonly here: SandboxView | undefined;
}

/** Looking changes nothing: where no daemon runs, none is started. */
export const status = verb(statusOperation, async (_input, context) => {
  const found = await look(context);
  if (!found) {
    const data = { daemon: null, sessions: [], locks: [], health: null, runs: [] };
    return { data, text: noDaemonText(existsSync(context.home.sessionsDirectory)) };
  }
  const { result, here } = found;
  return {
    data: { ...result, here: here ?? null },
    text: statusText(result, Date.now(), context.output.paint, here),
  };
});

/** The status of the daemon that runs; undefined if none does. */
export function readStatus(context: Context): Promise<StatusResult | undefined> {
  return whereOneRuns(context, (connection) => context.ask(statusOperation, {}, connection));
}

/** What of the status is about the directory that the caller is in; undefined where no daemon runs. */
export async function lookAround(context: Context): Promise<Around | undefined> {
  const found = await look(context);
  const own = found?.result.sessions.filter(({ sandboxId }) => sandboxId === found.here?.sandboxId) ?? [];
  return found && { own, here: found.here };
}

/** What runs in a project, and what could be started there, for people. @param now milliseconds since the epoch */
export function projectText({ own, here }: Around, now: number, paint: Paint): string {
  const where = here === undefined ? "" : `${printable(shortPath(here.root))}\n\n`;
  // What was stopped stands with what could be started.
  const shown = own.filter(({ state }) => state.kind !== "stopped");
  return `${where}${serversText(shown, now, paint, here).join("\n")}`;
}

/** The status, and what can be started here, asked at once. */
function look(context: Context) {
  return whereOneRuns(context, async (connection) => {
    const described = describeHere(connection, context);
    return { result: await context.ask(statusOperation, {}, connection), here: await described };
  });
}

/** Undefined where that can't be told now: the rest of the status is of use without it. */
function describeHere(connection: Connection, context: Context): Promise<SandboxView | undefined> {
  return context.ask(detectOperation.requests.directory, {}, connection).catch(() => undefined);
}

async function whereOneRuns<T>(
  context: Context,
  ask: (connection: Connection) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await ask(await context.connect());
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
