import { abortable, until } from "../../shared/base/deadline.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type {
  HiddenListener,
  Listener,
  PortClient,
  ProcessIdentity,
  ProcessView,
} from "../../shared/model/process.ts";
import { isSameProcess } from "../../shared/model/process-words.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { markContainers } from "../processes/container-engine.ts";
import { recogniseContainer } from "../processes/containers.ts";
import { canBind } from "../processes/ports.ts";
import type { Processes } from "../processes/processes.ts";
import { heldByContainer } from "./errors.ts";
import type { SessionTree } from "./trees.ts";

/** Time a process gets to end by itself before it is killed, in milliseconds. */
const politeMs = 2_000;
/** Time a killed process gets to be gone, in milliseconds. */
const killMs = 3_000;

/** Who listens on a port, with the session or the container each listener belongs to. */
export async function listenersOn(
  processes: Processes,
  port: number,
  trees: readonly SessionTree[],
): Promise<readonly Listener[]> {
  return markSessions(processes, await markContainers(port, await processes.listeners(port)), trees);
}

/** Who is connected to a port of this machine, with the session each belongs to. */
async function clientsOf(
  processes: Processes,
  port: number,
  trees: readonly SessionTree[],
): Promise<readonly PortClient[]> {
  return markSessions(processes, await processes.clients(port), trees);
}

/** Who listens on a port and who is connected to it; see {@link listenersOn} and {@link clientsOf}. */
export async function inspectPort(
  processes: Processes,
  port: number,
  trees: readonly SessionTree[],
): Promise<{ listeners: Listener[]; hidden: HiddenListener[]; clients: PortClient[] }> {
  const [listeners, hidden, clients] = await Promise.all([
    listenersOn(processes, port, trees),
    processes.hiddenListeners(port),
    clientsOf(processes, port, trees),
  ]);
  return { listeners: [...listeners], hidden: [...hidden], clients: [...clients] };
}

/** Whether a process is connected to a server that is neither of its own tree nor this one, which asks for its health. */
export async function isVisited(
  record: SessionRecord,
  processes: Processes,
  trees: readonly SessionTree[],
): Promise<boolean> {
  if (record.state.kind !== "ready") return false;
  const own = trees.filter(({ key }) => key === sessionKey(record));
  const clients = await clientsOf(processes, record.state.port, own);
  return clients.some(({ pid, session }) => session === undefined && pid !== process.pid);
}

/** Any member of a session's tree is the session's, not only the process in its record. */
export async function markSessions<T extends ProcessIdentity>(
  processes: Processes,
  found: readonly T[],
  trees: readonly SessionTree[],
): Promise<readonly (T & Pick<Listener, "session" | "server">)[]> {
  if (found.length === 0 || trees.length === 0) return found;
  const members = await processes.usage(trees.map(({ root }) => root));
  return found.map((one) => {
    const at = members.findIndex((tree) => tree.some((member) => isSameProcess(member, one)));
    const tree = trees[at];
    return tree === undefined ? one : { ...one, session: tree.session, server: { ...tree.server } };
  });
}

/**
 * Ends exactly the processes the caller consented to, and waits until the port can be bound.
 * @param consent each with the start time it was shown with
 * @returns the processes that were ended
 * @throws DevlatchError `PORT_CONFLICT` where a container's published port is among them, whatever was consented to;
 *   `CONSENT_REQUIRED` for a listener without consent, `STOP_INCOMPLETE`, the signal's reason
 */
export async function freePort(
  processes: Processes,
  port: number,
  consent: readonly ProcessIdentity[],
  signal: AbortSignal,
): Promise<readonly ProcessView[]> {
  const listeners = await processes.listeners(port);
  if (listeners.some(({ command }) => recogniseContainer(command, port))) {
    throw heldByContainer(port, await markContainers(port, listeners));
  }
  const unknown = listeners.filter((one) => !consent.some((given) => isSameProcess(given, one)));
  if (unknown.length > 0) throw consentMissing(port, unknown);
  const freed: ProcessView[] = [];
  for (const listener of unique(listeners)) {
    await endProcess(processes, listener, signal);
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

/** Ends one process: asked first, then made to. @throws the signal's reason; as {@link Processes.signal} */
export async function endProcess(
  processes: Processes,
  target: ProcessIdentity,
  signal: AbortSignal,
): Promise<void> {
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

function unique(listeners: readonly Listener[]): readonly Listener[] {
  return listeners.filter(
    (one, index) => listeners.findIndex((other) => isSameProcess(one, other)) === index,
  );
}

function consentMissing(port: number, listeners: readonly Listener[]): DevlatchError {
  const names = listeners.map(({ command, pid }) => `\`${command}\` (pid ${pid})`).join(", ");
  return new DevlatchError(
    "CONSENT_REQUIRED",
    `No one agreed to ending ${names}, which now listens on port ${port}.`,
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
