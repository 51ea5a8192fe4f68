import type { ProcessIdentity } from "../../shared/model/process.ts";
import { readProcFile } from "./proc-files.ts";

/** How many processes are remembered; the oldest sightings go first. */
const capacity = 4096;
/** /proc/stat is slow on machines with many processors, so the count may be this old, in milliseconds. */
const freshMs = 1000;

/**
 * Knows of pids whether they can have been given to another process since their owner was last seen alive.
 *
 * A dead leader's pid still names its group and session, and the kernel doesn't reuse a number while one of them has
 * members. But when all were gone, the number comes round again and may name a stranger's session. Linux hands out
 * pids in a circle, and /proc/stat counts all forks since boot: fewer forks than half a round since the last sighting
 * prove that the number was not given away.
 */
export class PidHistory {
  readonly #sightings = new Map<string, number>();
  readonly #readForks: () => number | undefined;
  readonly #pidMax: number;

  constructor(readForks: () => number | undefined = freshForkCount(), pidMax: number = readPidMax()) {
    this.#readForks = readForks;
    this.#pidMax = pidMax;
  }

  /** Remembers that these processes live now. */
  saw(processes: readonly ProcessIdentity[]): void {
    const forks = this.#readForks();
    if (forks === undefined) return;
    for (const process of processes) {
      const key = keyOf(process);
      this.#sightings.delete(key);
      this.#sightings.set(key, forks);
    }
    for (const oldest of this.#sightings.keys()) {
      if (this.#sightings.size <= capacity) break;
      this.#sightings.delete(oldest);
    }
  }

  /** Whether the pid provably still belongs to the same process. A process never seen here counts from boot. */
  keeps(process: ProcessIdentity): boolean {
    const forks = this.#readForks();
    if (forks === undefined) return false;
    return forks - (this.#sightings.get(keyOf(process)) ?? 0) < this.#pidMax / 2;
  }
}

/** A process' identity as the key of a map. */
export function keyOf(process: ProcessIdentity): string {
  return `${process.pid}/${process.startTime}`;
}

function freshForkCount(): () => number | undefined {
  let readAt = Number.NEGATIVE_INFINITY;
  let forks: number | undefined;
  return () => {
    if (performance.now() - readAt < freshMs) return forks;
    readAt = performance.now();
    const count = /^processes (\d+)$/m.exec(readProcFile("/proc/stat")?.toString("latin1") ?? "")?.[1];
    // Some sandboxed kernels report 0: that proves nothing.
    forks = Number(count) || undefined;
    return forks;
  };
}

function readPidMax(): number {
  return Number(readProcFile("/proc/sys/kernel/pid_max")?.toString("latin1")) || 0;
}
