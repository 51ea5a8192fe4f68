import { pause } from "../../shared/base/deadline.ts";
import type { ProcessIdentity, ProcessView } from "../../shared/model/process.ts";
import type { Processes, ProcessInfo, TreeRoot } from "../processes/processes.ts";

/** How long a keeper has to start anew what was ended, in milliseconds. */
const comebackMs = 3_000;
const lookEveryMs = 25;

/** Where orphans go, and who starts a command for a person and doesn't start it again. */
const noKeeper =
  /^(?:systemd|init|launchd|tini|dumb-init|docker-init|sh|bash|zsh|fish|dash|ash|ksh|tmux.*|screen)$/;

/**
 * Living processes outside of a tree that started members of it, and may start them again: a process manager's daemon of
 * the user's own, which a script only asks.
 */
export async function keepersOf(
  processes: Pick<Processes, "members" | "list">,
  root: TreeRoot,
): Promise<readonly ProcessIdentity[]> {
  const members = await processes.members(root);
  const outside = parentPids(members).filter((pid) => pid !== root.host?.pid);
  return outside.length === 0 ? [] : asKeepers(outside, await processes.list());
}

/** The same for one process that was started by hand. */
export async function keepersOfOne(
  processes: Pick<Processes, "list">,
  { pid, startTime }: ProcessIdentity,
): Promise<readonly ProcessIdentity[]> {
  const all = await processes.list();
  const self = all.filter((one) => one.pid === pid && one.startTime === startTime);
  return asKeepers(parentPids(self), all);
}

/** Parents that are no members themselves. */
function parentPids(members: readonly ProcessInfo[]): readonly number[] {
  const own = new Set(members.map(({ pid }) => pid));
  return [...new Set(members.map(({ ppid }) => ppid))].filter((pid) => pid > 1 && !own.has(pid));
}

function asKeepers(pids: readonly number[], all: readonly ProcessInfo[]): readonly ProcessInfo[] {
  return all.filter(({ pid, zombie, name }) => pids.includes(pid) && !zombie && !noKeeper.test(name));
}

/**
 * Waits a moment for what keepers start again: a process of the tree, or one that listens on its port. None is waited for
 * that has ended.
 * @param root of a server that was launched; one that was started by hand has none
 * @returns those that live when it is there again; undefined where it stays away
 * @throws the signal's reason
 */
export async function comeback(
  processes: Pick<Processes, "listeners" | "members" | "isAlive" | "describe">,
  { port, root }: { readonly port: number; readonly root: TreeRoot | undefined },
  keepers: readonly ProcessIdentity[],
  signal: AbortSignal,
): Promise<readonly ProcessView[] | undefined> {
  const isBack = async () =>
    (await processes.listeners(port)).length > 0 ||
    (root !== undefined && (await processes.members(root)).length > 0);
  const deadline = performance.now() + comebackMs;
  for (let living = keepers; living.length > 0 && performance.now() < deadline; ) {
    if (await isBack()) return Promise.all(living.map((keeper) => processes.describe(keeper)));
    await pause(lookEveryMs, signal);
    const alive = await Promise.all(living.map((keeper) => processes.isAlive(keeper)));
    living = living.filter((_, index) => alive[index]);
  }
  return undefined;
}
