import { isWithin } from "../../shared/base/within.ts";
import type { AppPlan } from "../../shared/model/app.ts";
import { cookieVariable } from "../../shared/model/marks.ts";
import type { Listener } from "../../shared/model/process.ts";
import { isSameProcess } from "../../shared/model/process-words.ts";
import type { RunningCommand, Workspace } from "../detect/workspace.ts";
import type { Processes, ProcessInfo } from "../processes/processes.ts";
import { type FrameworkLock, readFrameworkLock } from "./framework-locks.ts";
import { isInspector } from "./listeners.ts";
import { markSessions } from "./ports.ts";
import type { Target } from "./target.ts";
import type { SessionTree } from "./trees.ts";

/** A listener that is known to be of an app, by facts of the kernel alone: it wasn't asked anything yet. */
export interface ByHandCandidate {
  readonly listener: Listener;
  readonly suspended: boolean;
}

interface Seen extends ByHandCandidate {
  readonly info: ProcessInfo;
  /** The process and those above it in its session, nearest first. */
  readonly lineage: readonly ProcessInfo[];
}

type KnownCommand = RunningCommand & Pick<ProcessInfo, "pid">;

/** How far up a process' ancestors are looked at: `npm run`, shells, runners and watchers, each a few. */
const mostAncestors = 16;

/**
 * This user's listeners that are the target's server, best first, sessions' own left out: by the program of
 * its framework, its very command or its script in its directory, or by the framework's own lock.
 * @param trees of all live sessions
 * @param othersPorts tells those that other apps of the sandbox wish: who listens there is theirs
 */
export async function byHandCandidates(
  { plan, root }: Pick<Target, "plan" | "root">,
  sources: {
    readonly processes: Processes;
    readonly workspace: Pick<Workspace, "kinships">;
    readonly trees: readonly SessionTree[];
    readonly othersPorts: () => Promise<ReadonlySet<number>>;
  },
): Promise<readonly ByHandCandidate[]> {
  const { processes, workspace, trees, othersPorts } = sources;
  const isNear = (cwd: string) => isWithin(cwd, root) || isWithin(cwd, plan.cwd);
  const near = (await processes.listeners(undefined, isNear)).filter(
    ({ cwd }) => cwd !== undefined && isNear(cwd),
  );
  if (near.length === 0) return [];
  const others = await othersPorts();
  const marked = await markSessions(processes, near, trees);
  const free = marked.filter(({ session, port }) => session === undefined && !others.has(port));
  const seen = withLineages(free, await processes.list());
  const lock = await readFrameworkLock(plan);
  const lineages = await commandsOf(processes, seen);
  const kinships = await workspace.kinships(plan, lineages);
  const ranked = seen.flatMap((one, index) => {
    const isLocks = isNamedBy(lock, one.listener, lineages[index] ?? [], plan);
    const kinship = isLocks ? "lock" : kinships[index];
    return kinship === undefined ? [] : [{ ...one, kinship }];
  });
  const own = await withoutLaunched(processes, plan.port, ranked);
  return own.sort((a, b) => rank(a, plan.port) - rank(b, plan.port) || a.listener.port - b.listener.port);
}

function withLineages(listeners: readonly Listener[], all: readonly ProcessInfo[]): readonly Seen[] {
  const byPid = new Map(all.filter(({ zombie }) => !zombie).map((one) => [one.pid, one]));
  const uid = process.getuid?.();
  return listeners.flatMap((listener) => {
    const info = byPid.get(listener.pid);
    if (info === undefined || !isSameProcess(info, listener) || isInspector(listener)) return [];
    if (uid !== undefined && info.uid !== uid) return [];
    return [{ listener, info, suspended: info.suspended, lineage: lineageOf(info, byPid) }];
  });
}

/** Those above it in its own session and of its user: a terminal's shell is the last one. */
function lineageOf(self: ProcessInfo, byPid: ReadonlyMap<number, ProcessInfo>): readonly ProcessInfo[] {
  const lineage = [self];
  for (let at = byPid.get(self.ppid); at !== undefined; at = byPid.get(at.ppid)) {
    const isForeign = at.uid !== self.uid || at.sid !== self.sid || lineage.includes(at);
    if (isForeign || lineage.length > mostAncestors) break;
    lineage.push(at);
  }
  return lineage;
}

async function commandsOf(
  processes: Processes,
  seen: readonly Seen[],
): Promise<readonly (readonly KnownCommand[])[]> {
  const known = new Map<number, Promise<KnownCommand | undefined>>();
  const look = (one: ProcessInfo) => {
    const found = known.get(one.pid) ?? describe(processes, one);
    known.set(one.pid, found);
    return found;
  };
  return Promise.all(
    seen.map(async ({ lineage }) => {
      const commands = await Promise.all(lineage.map(look));
      return commands.filter((one) => one !== undefined);
    }),
  );
}

async function describe(processes: Processes, one: ProcessInfo): Promise<KnownCommand | undefined> {
  const { command, cwd } = await processes.describe(one);
  return cwd === undefined ? undefined : { pid: one.pid, command, cwd };
}

/** A lock is a file, and may be older than its process: that must be there, in the directory, on the port. */
function isNamedBy(
  lock: FrameworkLock | undefined,
  listener: Listener,
  lineage: readonly KnownCommand[],
  plan: Pick<AppPlan, "cwd">,
): boolean {
  if (lock === undefined || listener.cwd !== plan.cwd) return false;
  const onPort = lock.port === undefined || lock.port === listener.port;
  return onPort && lineage.some(({ pid, cwd }) => pid === lock.pid && cwd === plan.cwd);
}

/** What another home of Devlatch launched isn't by hand; where both want one port, it serves all the same. */
async function withoutLaunched<S extends Seen>(
  processes: Processes,
  wished: number,
  found: readonly S[],
): Promise<S[]> {
  if (found.every(({ listener }) => listener.port === wished)) return [...found];
  const launched = await processes.withVariable(cookieVariable);
  return found.filter(
    ({ listener }) => listener.port === wished || !launched.some((one) => isSameProcess(one, listener)),
  );
}

function rank({ listener, kinship }: { listener: Listener; kinship: string }, wished: number): number {
  if (kinship === "lock") return 0;
  if (listener.port === wished) return 1;
  return kinship === "program" ? 2 : 3;
}
