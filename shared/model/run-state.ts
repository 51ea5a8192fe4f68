import type { RunState } from "./run.ts";

/** Whether a process tree may live in this state. */
export function isRunLive(state: RunState): boolean {
  return state.kind === "starting" || state.kind === "running" || state.kind === "stopping";
}
