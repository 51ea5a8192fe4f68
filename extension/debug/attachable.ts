import { basename } from "node:path";
import type { Listener, ProcessIdentity } from "../../shared/model/process.ts";
import { isSameProcess } from "../../shared/model/process-words.ts";

/** Whether a debugger can be attached to the process that serves. */
export type Attachable =
  | { readonly kind: "yes"; readonly listener: Listener }
  /** It is gone, or of another machine. */
  | { readonly kind: "unseen" }
  | { readonly kind: "foreign"; readonly program: string };

/**
 * A debugger is let in by a signal (SIGUSR1) that ends every program but Node, so it must be that very process, and Node.
 * @param ready the process that a ready server's state names
 * @param listeners those on its port now, on this machine
 * @param programOf path of a process' program; undefined where the system doesn't tell
 */
export function attachable(
  ready: ProcessIdentity,
  listeners: readonly Listener[],
  programOf: (pid: number) => string | undefined,
): Attachable {
  const listener = listeners.find((one) => isSameProcess(one, ready));
  if (listener === undefined || listener.container !== undefined) return { kind: "unseen" };
  const program = programOf(listener.pid) ?? firstWord(listener.command);
  return isNode(program) ? { kind: "yes", listener } : { kind: "foreign", program: basename(program) };
}

function isNode(program: string): boolean {
  // Next gives its process that name.
  return /^(?:node(?:\d+|js)?(?:\.exe)?|next-server)$/i.test(program.split(/[\\/]/).at(-1) ?? "");
}

function firstWord(command: string): string {
  return command.split(/\s/, 1)[0] ?? "";
}
