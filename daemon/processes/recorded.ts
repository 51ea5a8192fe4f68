import type { ProcessIdentity, ProcessView } from "../../shared/model/process.ts";
import type { Processes } from "./processes.ts";

/** Is told of every signal that was sent, with the process as it was just before. */
export type SignalRecorder = (signal: NodeJS.Signals, process: ProcessView) => void;

/**
 * The same processes, with every signal that goes out told to `record`. What `signalDescendants` sends is told
 * afterwards: there nothing may come between the look and the signal.
 */
export function recordSignals(processes: Processes, record: SignalRecorder): Processes {
  return {
    list: () => processes.list(),
    identify: (pid) => processes.identify(pid),
    isAlive: (process) => processes.isAlive(process),
    hasEnded: (process) => processes.hasEnded(process),
    space: () => processes.space(),
    describe: (process) => processes.describe(process),
    members: (root) => processes.members(root),
    withVariable: (name) => processes.withVariable(name),
    origin: (pid, marked) => processes.origin(pid, marked),
    usage: (roots) => processes.usage(roots),
    listenersMark: (port) => processes.listenersMark(port),
    clients: (port) => processes.clients(port),
    descendants: (ancestor, cookie) => processes.descendants(ancestor, cookie),
    listeners: (port, isNear) => processes.listeners(port, isNear),
    hiddenListeners: (port) => processes.hiddenListeners(port),
    listenersOf: (some) => processes.listenersOf(some),
    signal: (process, signal) => signalRecorded(processes, record, process, signal),
    signalDescendants: async (ancestor, cookie, signal) => {
      const signalled = await processes.signalDescendants(ancestor, cookie, signal);
      for (const one of signalled) record(signal, await processes.describe(one));
      return signalled;
    },
  };
}

async function signalRecorded(
  processes: Processes,
  record: SignalRecorder,
  process: ProcessIdentity,
  signal: NodeJS.Signals,
): Promise<boolean> {
  const view = await processes.describe(process);
  const sent = await processes.signal(process, signal);
  if (sent) record(signal, view);
  return sent;
}
