import assert from "node:assert/strict";
import { describeProcesses, processesWith, type SeenProcess } from "./processes.ts";
import { waitFor } from "./wait.ts";

/** What marks the processes of interest: a daemon's home, or the cookie of one launch. */
export type Mark =
  | { readonly DEVLATCH_HOME: string; readonly DEVLATCH_LAUNCH?: never }
  | { readonly DEVLATCH_LAUNCH: string; readonly DEVLATCH_HOME?: never };

/** The living processes that carry the mark in their environment. */
export function marked(mark: Mark): SeenProcess[] {
  return mark.DEVLATCH_HOME === undefined
    ? processesWith("DEVLATCH_LAUNCH", mark.DEVLATCH_LAUNCH)
    : processesWith("DEVLATCH_HOME", mark.DEVLATCH_HOME);
}

/**
 * Asserts that no process with this mark lives.
 * @param options `graceMs`: how long those may take that are just about to exit, 0 unless told;
 *   `except`: pids that may live (the daemon)
 */
export async function assertNoneLeft(
  mark: Mark,
  options: { graceMs?: number; except?: readonly number[] } = {},
): Promise<void> {
  const left = () => marked(mark).filter(({ pid }) => !options.except?.includes(pid));
  if (options.graceMs !== undefined) {
    const gone = () => left().length === 0;
    await waitFor("the processes to end", gone, { timeoutMs: options.graceMs }).catch(() => {});
  }
  const survivors = left();
  const [[name, value] = []] = Object.entries(mark);
  assert.equal(survivors.length, 0, `Still running with ${name}=${value}:\n${describeProcesses(survivors)}`);
}
