import type * as vscode from "vscode";
import { abortable } from "../../shared/base/deadline.ts";

/** A shell has its process by then, in milliseconds. */
const shellMs = 3_000;

/** A terminal as the window has it. */
type Open = Pick<vscode.Terminal, "creationOptions" | "processId" | "dispose">;

/**
 * Closes terminals of ours that an extension host before this one has left behind, as it does where it was restarted or
 * crashed: the editor keeps them, and they show nothing new and take no keys.
 * @param open all terminals of the window
 * @param names that our terminals have; the editor tells no more of them
 */
export async function closeLeftBehind(open: readonly Open[], names: ReadonlySet<string>): Promise<void> {
  const ours = open.filter(({ creationOptions }) => mayBeOurs(creationOptions, names));
  await Promise.all(ours.map(closeWithoutProcess));
}

/** What lives has its terminal's object with it, a shell its program. */
function mayBeOurs(options: Open["creationOptions"], names: ReadonlySet<string>): boolean {
  const isAnothers = "pty" in options || options.shellPath !== undefined;
  return !isAnothers && names.has(options.name ?? "");
}

async function closeWithoutProcess(terminal: Open): Promise<void> {
  const told = Promise.resolve(terminal.processId);
  const pid = await abortable(told, AbortSignal.timeout(shellMs)).catch(() => undefined);
  // The editor says -1 of one that never had a process.
  if (pid === undefined || pid < 0) terminal.dispose();
}
