import { DevlatchError } from "../../shared/base/errors.ts";
import type { ProcessIdentity, ProcessView } from "../../shared/model/process.ts";

/** What is said about a process that ended before it could be described. */
export const endedCommand = "(ended)";

/**
 * Signals a process whose identity the caller has compared in the same turn of the event loop. Between that and the
 * kernel's own look at the pid lie microseconds, in which the pid would have to be freed and come round again. (Only a
 * pidfd closes that gap, and Node has none.)
 * @param describe for the error's text, where the signal is refused
 * @returns false if there is no such process
 * @throws DevlatchError `CONSENT_REQUIRED` when the operating system refuses
 */
export async function sendSignal(
  target: ProcessIdentity,
  signal: NodeJS.Signals,
  describe: (target: ProcessIdentity) => Promise<ProcessView>,
): Promise<boolean> {
  try {
    return process.kill(target.pid, signal);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ESRCH") return false;
    if (code === "EPERM") throw refusal(await describe(target), error);
    throw error;
  }
}

/** Signals a process seen in this very moment. @returns false if it is gone, or belongs to another user */
export function signalAtOnce(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** Whether the pid is taken at all; zombies and other users' processes count. */
export function pidExists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** What is said where the system refuses a signal. */
export function refusal(view: ProcessView, cause: unknown): DevlatchError {
  const owner = view.user === undefined ? "another user" : `the user ${view.user}`;
  return new DevlatchError(
    "CONSENT_REQUIRED",
    `Process ${view.pid} (${view.command}) belongs to ${owner} and may not be signalled.`,
    "End it as that user or as an administrator, then try again.",
    { data: view, cause },
  );
}
