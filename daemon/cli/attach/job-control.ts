import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Screen } from "./screen.ts";

/** Pause before the terminal is taken again, in milliseconds: a stop has to have happened by then. */
const stopMs = 50;
/** Pause between two looks whether the job is in the foreground again, in milliseconds. */
const lookEveryMs = 200;

/**
 * Whether this process may read from its terminal and set it: one that a shell runs in the background would be stopped for
 * that. Where the system doesn't tell, it may.
 */
export function isInForeground(): boolean {
  try {
    const stat = readFileSync("/proc/self/stat", "utf8");
    // The name, in parentheses, may hold anything (proc_pid_stat(5)): pgrp is the third field behind it, tpgid the sixth.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[2] === fields[5];
  } catch {
    return true;
  }
}

/** Suspends this job as Ctrl-Z does, npm and its shell included, until the user brings it back. The server runs on. */
export async function suspendJob(screen: Screen): Promise<void> {
  await screen.suspend();
  process.kill(0, "SIGTSTP");
  // Without a shell that controls jobs the signal does nothing, and this goes on at once.
  await delay(stopMs);
  while (!isInForeground()) await delay(lookEveryMs);
  screen.resume();
}
