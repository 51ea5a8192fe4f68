import { formatMs } from "../../shared/base/deadline.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { containerWords, stopAdvice } from "../../shared/model/container.ts";
import {
  type HiddenListener,
  hiddenAdvice,
  hiddenWords,
  type Listener,
  type ProcessView,
} from "../../shared/model/process.ts";
import type { Exit, SessionRecord, SessionState } from "../../shared/model/session.ts";

/** `PORT_CONFLICT`, with who holds the port. */
export function portConflict(app: string, port: number, listeners: readonly Listener[]): DevlatchError {
  const holders = listeners.map(describeListener).join("; ");
  const container = listeners.find((listener) => listener.container)?.container;
  const free = container
    ? `It is a container's: ${stopAdvice(container, port)}.`
    : `Free it with: devlatch port ${port} --free.`;
  return new DevlatchError(
    "PORT_CONFLICT",
    `Port ${port}, which ${app} wants, is used by ${holders}.`,
    `See it with: devlatch port ${port}. ${free} Or take another: --on-conflict next, or --port N.`,
    { data: { port, listeners } },
  );
}

/** `PORT_CONFLICT` where who holds the port can't be seen, and so can't be ended from here. */
export function heldOutOfSight(app: string, port: number, hidden: readonly HiddenListener[]): DevlatchError {
  return new DevlatchError(
    "PORT_CONFLICT",
    `Port ${port}, which ${app} wants, is used by ${hiddenWords(hidden)}.`,
    `Take another: --on-conflict next, or --port N. ${hiddenAdvice(port)}`,
    { data: { port, listeners: [], hidden } },
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
  const session = listener.session ? ` (session ${listener.session})` : "";
  const container = listener.container ? ` for ${containerWords(listener.container)}` : "";
  const directory = listener.cwd ? ` in ${listener.cwd}` : "";
  const user = listener.user ? ` of ${listener.user}` : "";
  return `\`${listener.command}\`${session}${container}, pid ${listener.pid}${user}${directory}`;
}

export function sessionDiffers(record: SessionRecord, found: readonly string[]): DevlatchError {
  return new DevlatchError(
    "SESSION_DIFFERS",
    `${record.session} already runs, but not as asked: ${found.join("; ")}.`,
    `Use it as it is (devlatch status), or start it anew as asked: devlatch restart ${record.app}`,
    { data: { session: record.session, differences: found } },
  );
}

export function exitedEarly(record: SessionRecord, exit: Exit, logTail: readonly string[]): DevlatchError {
  const how = exit.signal ? `was ended by ${exit.signal}` : `exited with code ${exit.code}`;
  const nothing = logTail.length === 0 ? " It wrote nothing." : "";
  return new DevlatchError(
    "EXITED_EARLY",
    `\`${record.settings.command.join(" ")}\` ${how} before ${record.app} was ready.${nothing}`,
    `Read its output with: devlatch logs ${record.app}. Does the command work in ${record.settings.cwd} by itself?`,
    { data: { exit, logTail } },
  );
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

/** `SERVER_CRASHED`, as the state says it. */
export function serverCrashed(
  { session }: Pick<SessionRecord, "session">,
  { error, place }: Extract<SessionState, { kind: "crashed" }>,
): DevlatchError {
  const { message, remedy, logTail } = error;
  return new DevlatchError("SERVER_CRASHED", message, remedy, {
    data: { session, logTail, ...(place === undefined ? {} : { place }) },
  });
}

/** `INPUT_NEEDED`: nobody answers what it asks on its terminal. */
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
    `${session} could not be stopped completely: these processes still live: ${names}.`,
    "Try again. A process in uninterruptible sleep (state D) ends once the disk or network it waits for answers.",
    { data: { survivors } },
  );
}

/** The tree is gone, but the port isn't free: a stranger was quicker. */
export function portStillTaken(session: string, port: number, listeners: readonly Listener[]): DevlatchError {
  const holders = listeners.map(describeListener).join("; ") || "a process that can't be seen";
  return new DevlatchError(
    "STOP_INCOMPLETE",
    `${session} is stopped with all its processes, but its port ${port} is now used by ${holders}.`,
    `See it with: devlatch port ${port}`,
    { data: { survivors: [], listeners } },
  );
}

export function adoptedNeedsConsent(record: SessionRecord, process: ProcessView): DevlatchError {
  return new DevlatchError(
    "CONSENT_REQUIRED",
    `${record.session} was started by hand, not by Devlatch: \`${process.command}\`, pid ${process.pid}.`,
    `To end it all the same: devlatch stop ${record.app} --yes`,
    { data: { process } },
  );
}

/** `STOP_INCOMPLETE`: only the machine that hosts it can end its processes. */
export function runsElsewhere({ session, app }: SessionRecord): DevlatchError {
  return new DevlatchError(
    "STOP_INCOMPLETE",
    `${session} belongs to another machine, or to another home of Devlatch, and only that one can end its processes. Nothing was stopped.`,
    `Stop it there. If that is gone for good, forget its server with: devlatch stop ${app} --yes`,
    { data: { survivors: [] } },
  );
}

export function hostUnreachable(record: SessionRecord): DevlatchError {
  return new DevlatchError(
    "HOST_FAILED",
    `The host of ${record.session} lives but doesn't answer (is it paused?).`,
    `Try again in a moment, or end it with: devlatch stop ${record.app}`,
  );
}
