import { pause } from "../../shared/base/deadline.ts";
import type { Listener, ProcessIdentity } from "../../shared/model/process.ts";
import type { Processes, ProcessInfo } from "./processes.ts";

/** How long a server has to close its port before those above it are asked, too, in milliseconds. */
const patienceMs = 250;
/** How often is looked whether it has; a look costs a tenth of a millisecond. */
const pollMs = 2;

/** A tree's members in the order in which they are asked to end. */
export interface AskingOrder {
  /** Servers, and processes that are no ancestor of one. */
  readonly first: readonly ProcessInfo[];
  readonly servers: readonly Listener[];
  /** Whether ancestors of servers are left for later: `npm run`, a shell, a watcher. */
  readonly hasLaunchers: boolean;
}

/**
 * Servers before their launchers. A shell or `npm` ends at once when it is asked, and if it leads the terminal's
 * session its end hangs the terminal up: the kernel's SIGHUP then ends the server in the middle of its own clean end,
 * with its port open until its memory is freed. (Seen with Next 16 under `npm run`: 50 to 90 ms instead of 5.)
 * Launchers end by themselves when their server has.
 */
export async function askingOrder(
  processes: Processes,
  members: readonly ProcessInfo[],
): Promise<AskingOrder> {
  if (members.length === 1) return { first: members, servers: [], hasLaunchers: false };
  const servers = (await processes.listenersOf(members)) ?? [];
  const launchers = ancestorsOf(servers, members);
  const first = members.filter(({ pid }) => !launchers.has(pid));
  return { first, servers, hasLaunchers: launchers.size > 0 };
}

/**
 * Waits a moment for these servers to close their ports.
 * @returns whether they have: then they are ending, else they don't care
 * @throws the signal's reason
 */
export async function closePorts(
  processes: Processes,
  servers: readonly Listener[],
  signal: AbortSignal,
): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  for (const [port, owners] of Map.groupBy(servers, (server) => server.port)) {
    while (await isListening(processes, port, owners)) {
      if (performance.now() >= deadline) return false;
      await pause(pollMs, signal);
    }
  }
  return true;
}

/** A stranger may listen on the same port (`SO_REUSEPORT`): a server that has ended doesn't. */
async function isListening(
  processes: Processes,
  port: number,
  owners: readonly ProcessIdentity[],
): Promise<boolean> {
  if ((await processes.listenersMark(port)) === "") return false;
  const living = await Promise.all(owners.map((owner) => processes.isAlive(owner)));
  return living.includes(true);
}

/** Pids of the members above servers, themselves no servers. */
function ancestorsOf(servers: readonly Listener[], members: readonly ProcessInfo[]): ReadonlySet<number> {
  const byPid = new Map(members.map((member) => [member.pid, member]));
  const above = new Set<number>();
  for (const { pid } of servers) {
    let at = byPid.get(pid)?.ppid;
    for (; at !== undefined && byPid.has(at) && !above.has(at); at = byPid.get(at)?.ppid) above.add(at);
  }
  for (const { pid } of servers) above.delete(pid);
  return above;
}
