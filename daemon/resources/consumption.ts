import { keyOf } from "../processes/pid-history.ts";
import type { ProcessUsage } from "../processes/processes.ts";

/**
 * CPU time that a tree used between two looks at its members, in milliseconds.
 *
 * A child that ended was counted while it lived, and is counted whole in the parent that waited for it: of what
 * parents gained by their children only what exceeds that is new. (Where no process of the tree waited for it, its last
 * moments are lost.)
 */
export function cpuBetween(before: readonly ProcessUsage[], after: readonly ProcessUsage[]): number {
  const past = new Map(before.map((one) => [keyOf(one), one]));
  let own = 0;
  let byChildren = 0;
  for (const now of after) {
    const then = past.get(keyOf(now));
    past.delete(keyOf(now));
    own += now.cpuMs - (then?.cpuMs ?? 0);
    byChildren += now.childrenCpuMs - (then?.childrenCpuMs ?? 0);
  }
  const counted = [...past.values()].reduce((sum, ended) => sum + ended.cpuMs + ended.childrenCpuMs, 0);
  return Math.max(0, own) + Math.max(0, byChildren - counted);
}

/** Memory of all members, in bytes. */
export function memoryOf(members: readonly ProcessUsage[]): number {
  return members.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
}
