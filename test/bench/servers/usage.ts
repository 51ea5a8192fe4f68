import { readdirSync, readFileSync } from "node:fs";

/**
 * Processor time of all threads, in milliseconds: finer than the ticks of `stat` (proc_pid_schedstat, kernel's
 * sched-stats.rst).
 */
export function cpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const times = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8"));
  return times.reduce((sum, text) => sum + Number(text.split(" ")[0]) / 1e6, 0);
}

/** Memory of a process, with its part of what it shares with others (proc_pid_smaps(5)), in bytes. */
export function proportionalBytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1]) * 1024;
}
