import type { Exit } from "../../../shared/model/exit.ts";
import type { Context } from "../context.ts";
import type { Report } from "../verbs/verb.ts";
import { exitCodeOf } from "./command.ts";

/** How staying with a server ended. */
export type Stayed =
  | { readonly kind: "left" }
  /** null where nothing says how. */
  | { readonly kind: "ended"; readonly exit: Exit | null };

/** The server's own code when it ended by itself, else that of the signal. Everything was said by then. */
export function stayedReport(app: string, stayed: Stayed, { interrupts }: Context): Report {
  const exitCode = stayed.kind === "left" ? (interrupts.exitCode ?? 0) : codeOf(stayed.exit);
  return { data: { app, exitCode }, text: "", exitCode };
}

/** Where nothing says how it ended its host was killed, and it with it. */
function codeOf(exit: Exit | null): number {
  return exit === null ? 1 : exitCodeOf(exit);
}
