import type { Resources } from "../../shared/model/resources.ts";

/** What a tree that rests stays below: percent of a core, and bytes that came or went between two looks. */
const restingPercent = 2;
const restingBytes = 1024 * 1024;
/** Rounds in which all rest, after which the pause grows by one more. */
const roundsAStep = 3;
/** How many times the usual pause it grows to. */
const mostSteps = 4;

/** Whether a tree did nothing to speak of between two looks. */
export function isResting(before: Resources | undefined, now: Resources): boolean {
  if (before === undefined || before.processes !== now.processes) return false;
  return now.cpuPercent <= restingPercent && Math.abs(now.memoryBytes - before.memoryBytes) <= restingBytes;
}

/** The pause before the next round, in milliseconds. @param restingRounds rounds in a row in which all trees rested */
export function pauseMs(everyMs: number, restingRounds: number): number {
  return everyMs * Math.min(mostSteps, 1 + Math.floor(restingRounds / roundsAStep));
}
