import type { ProcessIdentity } from "../../shared/model/process.ts";
import { keyOf } from "./pid-history.ts";
import { type TreeRoot, unknownLeader } from "./processes.ts";
import { type ReadOwn, strangersIn } from "./strangers.ts";
import { type ScannedProcess, selectMembers } from "./tree.ts";

/**
 * The members of a tree among all processes, where start times are numbers that grow and no pid is provably kept (see
 * `TreeScan`).
 * @param markOf to whom a process belongs by its own account
 */
export function selectTree<T extends ScannedProcess>(
  root: TreeRoot,
  processes: readonly T[],
  markOf: (process: T) => string | undefined,
  readOwn: ReadOwn,
): readonly T[] {
  const leaderOrder = root.leader === unknownLeader ? 0 : Number(root.leader.startTime);
  const isStranger = strangersIn(processes, readOwn);
  const keepsPid = () => false;
  return selectMembers({ processes, caller: process.pid, leaderOrder, markOf, isStranger, keepsPid }, root);
}

/**
 * Signals all descendants again and again until no new one is seen, as `Processes.signalDescendants`.
 * @param send @returns whether it was signalled
 */
export async function signalUntilNone(
  descendants: () => Promise<readonly ProcessIdentity[]>,
  send: (process: ProcessIdentity) => boolean,
): Promise<readonly ProcessIdentity[]> {
  const signalled = new Map<string, ProcessIdentity>();
  for (let found = -1; found < signalled.size; ) {
    found = signalled.size;
    for (const one of await descendants()) {
      if (!signalled.has(keyOf(one)) && send(one)) signalled.set(keyOf(one), one);
    }
  }
  return [...signalled.values()];
}
