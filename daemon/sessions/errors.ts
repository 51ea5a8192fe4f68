import { formatMs } from "../../shared/base/deadline.ts";
import { DevlatchError, hasCode } from "../../shared/base/errors.ts";
import { shellWord } from "../../shared/base/shell-word.ts";
import { containerWords, stopAdvice } from "../../shared/model/container.ts";
import type { HiddenListener, Listener, ProcessView } from "../../shared/model/process.ts";
import { hiddenAdvice, hiddenWords, serverWords, shortCommand } from "../../shared/model/process-words.ts";
import type { LaunchRequest, SessionRecord, SessionState } from "../../shared/model/session.ts";
import { spokenSession } from "../../shared/model/session-names.ts";

/** An app and the port it wants; where that stands, unless a caller asks for it; why it can't have another. */
export interface WantedPort {
  readonly app: string;
  readonly port: number;
  readonly source?: string | undefined;
  readonly fixed?: string | undefined;
}

/** Facts of a `PORT_CONFLICT` for programs. @param next the port it could have instead, where that is known */
export function conflictData(port: number, listeners: readonly Listener[], next: number | undefined) {
  return { port, listeners, ...(next === undefined ? {} : { next }) };
}

/** `PORT_CONFLICT`, with who holds the port. @param next the port it could have instead, where that is known */
export function portConflict(
  wanted: WantedPort,
  listeners: readonly Listener[],
  next?: number,
): DevlatchError {
  const { app, port, source, fixed } = wanted;
  const wants = source === undefined ? "" : ` (it is in ${source})`;
  const other = fixed === undefined ? "--on-conflict next, or --port N" : undefined;
  return new DevlatchError(
    "PORT_CONFLICT",
    `Port ${port}, which ${app} wants${wants}, is used by ${listenersInWords(listeners)}.${fixed === undefined ? "" : ` It can't be given another port, because ${fixed}.`}`,
    `See it with: devlatch port ${port}. ${freeingAdvice(port, listeners)}${other === undefined ? "" : ` Or take another: ${other}.`}`,
    { data: conflictData(port, listeners, next) },
  );
}

/** Who listens, in words. */
export function listenersInWords(listeners: readonly Listener[]): string {
  return listeners.map(describeListener).join("; ");
}

/** How a port gets free. A server of Devlatch's has users: to free its port is no advice. */
export function freeingAdvice(port: number, listeners: readonly Listener[]): string {
  const container = listeners.find((listener) => listener.container)?.container;
  if (container) return `It is a container's: ${stopAdvice(container, port)}.`;
  const served = listeners.find(({ server }) => server !== undefined)?.server;
  if (served === undefined) return `Free it with: devlatch port ${port} --free.`;
  const stop = `devlatch stop ${served.app} --cwd ${shellWord(served.root)}`;
  return `It is a server of Devlatch, which others may use; where no one needs it: ${stop}.`;
}

/** `PORT_CONFLICT` where who holds the port can't be seen, and so can't be ended from here. @param next as above */
export function heldOutOfSight(
  { app, port }: WantedPort,
  hidden: readonly HiddenListener[],
  next?: number,
): DevlatchError {
  return new DevlatchError(
    "PORT_CONFLICT",
    `Port ${port}, which ${app} wants, is used by ${hiddenWords(hidden)}.`,
    `Take another: --on-conflict next, or --port N. ${hiddenAdvice(port)}`,
    { data: { ...conflictData(port, [], next), hidden } },
  );
}

/** `PORT_CONFLICT` with the app's own server, which its terminal has suspended. */
export function byHandSuspended(app: string, listener: Listener): DevlatchError {
  const { pid, port } = listener;
  return new DevlatchError(
    "PORT_CONFLICT",
    `${app} was started by hand and is suspended (Ctrl-Z): ${describeListener(listener)}, on port ${port}.`,
    `Let it go on with fg in its terminal, or from anywhere: kill -CONT ${pid}. Or end it with: devlatch port ${port} --free`,
    { data: { port, listeners: [listener] } },
  );
}

/** `PORT_CONFLICT` with the app's own server, which listens and says nothing. */
export function byHandSilent(app: string, listener: Listener): DevlatchError {
  const { port } = listener;
  return new DevlatchError(
    "PORT_CONFLICT",
    `${app} was started by hand, listens on port ${port} and doesn't answer: ${describeListener(listener)}.`,
    `Look at its terminal, and start it again here once it answers. Or end it with: devlatch port ${port} --free`,
    { data: { port, listeners: [listener] } },
  );
}

/** `PORT_CONFLICT` for a port that a container publishes: to end the engine's proxy is no way to free it. */
export function heldByContainer(port: number, listeners: readonly Listener[]): DevlatchError {
  const proxy = listeners.find(({ container }) => container);
  const container = proxy?.container ?? { engine: "docker" };
  return new DevlatchError(
    "PORT_CONFLICT",
    `Port ${port} is published by ${containerWords(container)}. Nothing was ended: pid ${proxy?.pid} only passes its connections on.`,
    `To free the port, ${stopAdvice(container, port)}`,
    { data: { port, listeners } },
  );
}

function describeListener(listener: Listener): string {
  const server = listener.server ? ` (${serverWords(listener.server)})` : "";
  const container = listener.container ? ` for ${containerWords(listener.container)}` : "";
  const directory = listener.cwd ? ` in ${listener.cwd}` : "";
  const user = listener.user ? ` of ${listener.user}` : "";
  return `\`${shortCommand(listener.command)}\`${server}${container}, pid ${listener.pid}${user}${directory}`;
}

/** @param asked what the caller's flags were: to restart as asked takes them, too */
export function sessionDiffers(
  record: SessionRecord,
  found: readonly string[],
  asked: LaunchRequest,
): DevlatchError {
  const port = asked.port === undefined ? "" : ` --port ${asked.port}`;
  const command = asked.command === undefined ? "" : ` -- ${asked.command.map(shellWord).join(" ")}`;
  return new DevlatchError(
    "SESSION_DIFFERS",
    `${record.app} already runs, but not as asked: ${found.join("; ")}.`,
    `Use it as it is (devlatch status), or start it anew as asked: devlatch restart ${record.app}${port}${command}`,
    { data: { session: record.session, differences: found } },
  );
}

/** The lines that an error is told with already. */
export function logTailIn(error: unknown): readonly string[] | undefined {
  return hasCode(error, "EXITED_EARLY")
    ? (error.data as { readonly logTail: readonly string[] } | undefined)?.logTail
    : undefined;
}

/** `DEADLINE` of a caller: the server goes on starting. @param afterMs since it was launched */
export function notYetReady(
  record: SessionRecord,
  afterMs: number,
  seen: string,
  logTail: readonly string[],
): DevlatchError {
  const { app } = record;
  return new DevlatchError(
    "DEADLINE",
    `${app} isn't ready after ${formatMs(afterMs)}: ${seen}. It goes on starting.`,
    `Wait on with: devlatch start ${app}. End it with: devlatch stop ${app}. Its output: devlatch logs ${app}. How to recognise that it is ready can be told with "ready" in devlatch.json`,
    { data: { logTail } },
  );
}

/** `DEADLINE` of a caller while others wait on. */
export function leftToOthers(app: string, afterMs: number): DevlatchError {
  return new DevlatchError(
    "DEADLINE",
    `${app} isn't ready after ${formatMs(afterMs)}. It goes on starting for others who wait.`,
    `Wait on with: devlatch start ${app}. End it with: devlatch stop ${app}. Its output: devlatch logs ${app}`,
  );
}

/** `SERVER_CRASHED`, as the state says it. @param isMended whether the file it is in was changed since, for nothing */
export function serverCrashed(
  { session, app }: Pick<SessionRecord, "session" | "app">,
  { error, place }: Extract<SessionState, { kind: "crashed" }>,
  isMended = false,
): DevlatchError {
  const { message, remedy, logTail } = error;
  const again = `${place?.file} was changed since, and nothing started ${app} again. Start it with: devlatch restart ${app}. Its output: devlatch logs ${app}`;
  return new DevlatchError("SERVER_CRASHED", message, isMended ? again : remedy, {
    data: { session, logTail, ...(place === undefined ? {} : { place }) },
  });
}

/** `INPUT_NEEDED`: no answer comes to what it asks on its terminal. */
export function inputNeeded(
  { app }: Pick<SessionRecord, "app">,
  question: string,
  logTail: readonly string[],
): DevlatchError {
  return new DevlatchError(
    "INPUT_NEEDED",
    `${app} asks on its terminal and waits for an answer: ${question}`,
    `Answer it with: devlatch attach ${app}. It goes on by itself then. End it with: devlatch stop ${app}`,
    { data: { question, logTail } },
  );
}

export function stopIncomplete(session: string, survivors: readonly ProcessView[]): DevlatchError {
  const names = survivors.map((process) => `pid ${process.pid} (${process.command})`).join(", ");
  return new DevlatchError(
    "STOP_INCOMPLETE",
    `${spokenSession(session)} could not be stopped completely: these processes still live: ${names}.`,
    "Try again. A process in uninterruptible sleep (state D) ends once the disk or network it waits for answers.",
    { data: { survivors } },
  );
}

/** The tree is gone, but the port isn't free: a stranger was quicker. */
export function portStillTaken(session: string, port: number, listeners: readonly Listener[]): DevlatchError {
  const holders = listeners.map(describeListener).join("; ") || "a process that can't be seen";
  return new DevlatchError(
    "STOP_INCOMPLETE",
    `${spokenSession(session)} is stopped with all its processes, but its port ${port} is now used by ${holders}.`,
    `See it with: devlatch port ${port}`,
    { data: { survivors: [], listeners } },
  );
}

/** All was ended, and a process outside the session started it again. */
export function cameBack(
  { session, app }: SessionRecord,
  port: number,
  keepers: readonly ProcessView[],
): DevlatchError {
  const names = keepers.map(({ command, pid }) => `\`${command}\` (pid ${pid})`).join(", ");
  return new DevlatchError(
    "STOP_INCOMPLETE",
    `${spokenSession(session)} was stopped with all its processes, and came back: ${names}, which Devlatch didn't start, starts ${app} again on port ${port}.`,
    `Tell that program to stop it (with pm2: pm2 delete NAME). See what listens with: devlatch port ${port}`,
    { data: { survivors: [], keepers } },
  );
}

/** @param watchers what would start it again, and is ended with it */
export function adoptedNeedsConsent(
  { app }: SessionRecord,
  process: ProcessView,
  watchers: readonly ProcessView[],
): DevlatchError {
  return new DevlatchError(
    "CONSENT_REQUIRED",
    `${app} was started by hand, not by Devlatch: ${byHandInWords(process, watchers)}.`,
    `To end it all the same: devlatch stop ${app} --yes`,
    { data: { process, ...(watchers.length > 0 ? { watchers } : {}) } },
  );
}

/** A server that was started by hand, with what would start it again. */
export function byHandInWords(process: ProcessView, watchers: readonly ProcessView[]): string {
  const named = ({ command, pid }: ProcessView) => `\`${command}\`, pid ${pid}`;
  const by = watchers.map(named).join(", and ");
  return by === "" ? named(process) : `${named(process)}, which ${by} would start again`;
}

/** `STOP_INCOMPLETE`: only the machine that hosts it can end its processes. */
export function runsElsewhere({ session, app }: SessionRecord): DevlatchError {
  return new DevlatchError(
    "STOP_INCOMPLETE",
    `${spokenSession(session)} belongs to another machine, or to another home of Devlatch, and only that one can end its processes. Nothing was stopped.`,
    `Stop it there. If that is gone for good, forget its server with: devlatch stop ${app} --yes`,
    { data: { survivors: [] } },
  );
}

export function hostUnreachable(record: SessionRecord): DevlatchError {
  return new DevlatchError(
    "HOST_FAILED",
    `The host of ${record.app} lives but doesn't answer (is it paused?).`,
    `Try again in a moment, or end it with: devlatch stop ${record.app}`,
  );
}

/** What a start says whose session host was killed: what it had started ends with it. */
export function hostKilled({ session, app }: SessionRecord): DevlatchError {
  return new DevlatchError(
    "HOST_FAILED",
    `The host of ${spokenSession(session)} was killed while it started; its server was ended with it.`,
    `Start it again with: devlatch start ${app}. If it happens every time, look for what kills it (out of memory?).`,
    { data: { host: "killed" } },
  );
}

export function isHostKilled(error: unknown): boolean {
  return hasCode(error, "HOST_FAILED") && (error.data as { host?: unknown } | undefined)?.host === "killed";
}
