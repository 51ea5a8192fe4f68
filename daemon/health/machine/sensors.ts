import { readdir, readFile, statfs } from "node:fs/promises";
import { cpus, freemem, totalmem } from "node:os";
import { cgroupMemory } from "./cgroup.ts";
import type { LoopDelay } from "./loop-delay.ts";

/** CPU time of all cores since the machine started, in any unit. */
export interface CpuTimes {
  readonly busy: number;
  readonly all: number;
}

/** What is measured of the machine and of the daemon. What the platform doesn't tell is undefined, and not judged. */
export interface Sensors {
  cpu(): Promise<CpuTimes>;
  /** Bytes. */
  memory(): Promise<{ readonly available: number; readonly total: number } | undefined>;
  /** Bytes that this user may write yet, and all. */
  disk(): Promise<{ readonly available: number; readonly total: number }>;
  descriptors(): Promise<{ readonly open: number; readonly most: number } | undefined>;
  /** As {@link LoopDelay.take}. */
  loopDelayMs(): number;
}

/** @param directory on the disk that is looked at */
export function systemSensors(directory: string, loop: LoopDelay): Sensors {
  return {
    cpu: process.platform === "linux" ? linuxCpu : async () => cpuOf(cpus().map(({ times }) => times)),
    memory,
    disk: async () => {
      const { bavail, bfree, blocks, bsize } = await statfs(directory);
      // What is kept for root is neither free nor taken, as df has it.
      return { available: bavail * bsize, total: (blocks - bfree + bavail) * bsize };
    },
    descriptors,
    loopDelayMs: () => loop.take(),
  };
}

/** The first line of /proc/stat: `os.cpus()` reads much more, for each core. */
async function linuxCpu(): Promise<CpuTimes> {
  return parseCpuLine(await readFile("/proc/stat", "utf8"));
}

/** user nice system idle iowait irq softirq steal; guests are counted in user and nice already. */
export function parseCpuLine(stat: string): CpuTimes {
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0] = (
    /^cpu +(.*)$/m.exec(stat)?.[1] ?? ""
  )
    .split(" ")
    .map(Number);
  const busy = user + nice + system + irq + softirq;
  return { busy, all: busy + idle + iowait };
}

function cpuOf(
  cores: readonly { user: number; nice: number; sys: number; idle: number; irq: number }[],
): CpuTimes {
  const busy = cores.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, 0);
  return { busy, all: busy + cores.reduce((sum, { idle }) => sum + idle, 0) };
}

/** On Linux and Windows what is free counts the page cache in; macOS tells only what was never touched. */
async function memory(): Promise<{ available: number; total: number } | undefined> {
  if (process.platform === "darwin") return undefined;
  const machine = { available: freemem(), total: totalmem() };
  const limit = process.constrainedMemory();
  if (limit <= 0 || limit >= machine.total) return machine;
  const used = await cgroupMemory();
  if (used === undefined) return machine;
  return { available: Math.min(machine.available, Math.max(0, limit - used)), total: limit };
}

async function descriptors(): Promise<{ open: number; most: number } | undefined> {
  try {
    const [names, limits] = await Promise.all([
      readdir("/proc/self/fd"),
      readFile("/proc/self/limits", "utf8"),
    ]);
    const most = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1]);
    return most > 0 ? { open: names.length, most } : undefined;
  } catch {
    return undefined;
  }
}
