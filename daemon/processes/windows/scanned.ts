import type { ProcessInfo, ProcessUsage } from "../processes.ts";
import type { ScannedProcess } from "../tree.ts";
import type { TableProcess } from "./process-table.ts";

/** A process of the kernel's table, as trees are selected by. */
export type Scanned = ScannedProcess & Pick<TableProcess, "name" | "cpuMs" | "memoryBytes">;

/** There are no groups and sessions, and what has ended is like a zombie elsewhere. */
export function toScanned({ pid, ppid, name, startTime, cpuMs, memoryBytes, ended }: TableProcess): Scanned {
  const none = { pgid: 0, sid: 0 };
  return {
    pid,
    ppid,
    name,
    startTime,
    cpuMs,
    memoryBytes,
    zombie: ended,
    startOrder: Number(startTime),
    ...none,
  };
}

/** Users have no numbers there. */
export function toInfo({ pid, ppid, pgid, sid, name, zombie, startTime }: Scanned): ProcessInfo {
  return { pid, ppid, pgid, sid, name, zombie, startTime, uid: -1, suspended: false };
}

/** What it uses; of children that ended nothing is told. */
export function toUsage({ pid, startTime, cpuMs, memoryBytes }: Scanned): ProcessUsage {
  return { pid, startTime, cpuMs, childrenCpuMs: 0, memoryBytes };
}
