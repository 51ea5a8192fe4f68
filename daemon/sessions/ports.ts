import { abortable, until } from "../../shared/base/deadline.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import type { Listener, ProcessIdentity, ProcessView } from "../../shared/model/process.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import type { Processes } from "../processes/contract.ts";
import { canBind } from "../processes/ports.ts";

/** Time a process gets to end by itself before it is killed, in milliseconds. */
const politeMs = 2_000;
/** Time a killed process gets to be gone, in milliseconds. */
const killMs = 3_000;

/** Who listens on a port, with the session each listener belongs to. */
export async function listenersOn(
  processes: Processes,
  port: number,
  sessions: readonly SessionRecord[],
): Promise<readonly Listener[]> {
  const listeners = await processes.listeners(port);
  return listeners.map((listener) => {
    const owner = sessions.find(({ state }) => state.kind === "ready" && state.pid === listener.pid);
    return owner ? { ...listener, session: owner.session } : listener;
  });
}

/**
 * Ends exactly the processes somebody consented to, and waits until the port can be bound.
 * @param consent each with the start time it was shown with
 * @returns the processes that were ended
 * @throws DevlatchError `CONSENT_REQUIRED` for a listener nobody consented to, `STOP_INCOMPLETE`, the signal's reason
 */
export async function freePort(
  processes: Processes,
  port: number,
  consent: readonly ProcessIdentity[],
  signal: AbortSignal,
): Promise<readonly ProcessView[]> {
  const listeners = await processes.listeners(port);
  const unknown = listeners.filter((one) => !consent.some((given) => same(given, one)));
  if (unknown.length > 0) throw consentMissing(port, unknown);
  const freed: ProcessView[] = [];
  for (const listener of unique(listeners)) {
    await end(processes, listener, signal);
    const { pid, startTime, command, cwd, user } = listener;
    freed.push({
      pid,
      startTime,
      command,
      ...(cwd === undefined ? {} : { cwd }),
      ...(user === undefined ? {} : { user }),
    });
  }
  await until(async () => (await canBind(port)) || undefined, {
    intervalMs: 10,
    signal: AbortSignal.any([signal, AbortSignal.timeout(killMs)]),
  }).catch(async () => {
    signal.throwIfAborted();
    throw stillTaken(port, await processes.listeners(port));
  });
  return freed;
}

async function end(processes: Processes, target: ProcessIdentity, signal: AbortSignal): Promise<void> {
  for (const [name, waitMs] of [
    ["SIGTERM", politeMs],
    ["SIGKILL", killMs],
  ] as const) {
    if (!(await processes.signal(target, name))) return;
    const limited = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
    const gone = until(async () => ((await processes.isAlive(target)) ? undefined : true), {
      intervalMs: 10,
      signal: limited,
    });
    if (await abortable(gone, signal).catch(() => signal.throwIfAborted())) return;
  }
}

function same(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.startTime === b.startTime;
}

function unique(listeners: readonly Listener[]): readonly Listener[] {
  return listeners.filter((one, index) => listeners.findIndex((other) => same(one, other)) === index);
}

function consentMissing(port: number, listeners: readonly Listener[]): DevlatchError {
  const names = listeners.map(({ command, pid }) => `\`${command}\` (pid ${pid})`).join(", ");
  return new DevlatchError(
    "CONSENT_REQUIRED",
    `Nobody agreed to ending ${names}, which now listens on port ${port}.`,
    `Look again with: devlatch port ${port}`,
    { data: { port, listeners } },
  );
}

function stillTaken(port: number, listeners: readonly Listener[]): DevlatchError {
  return new DevlatchError(
    "STOP_INCOMPLETE",
    `Port ${port} still can't be bound.`,
    `See who took it with: devlatch port ${port}`,
    { data: { survivors: listeners } },
  );
}
