import { cookieVariable, daemonVariable, hostVariable, ownArgument } from "../../shared/model/marks.ts";

/** The mark of daemons and session hosts; no cookie is the same. */
const ownMark = "devlatch";

/** The variables that `markOf` asks for. */
export const markVariables = [cookieVariable, hostVariable, daemonVariable];

/**
 * To whom a process belongs, by its own account: the cookie of its launch, or that it is Devlatch's own. A daemon or a
 * session host may have been started from inside of a session, which it outlives; nothing of it is that session's. Any
 * process can say so: see `Strangers`.
 * @param read the value of a variable in the environment it was started with
 * @returns undefined where it says nothing
 */
export function markOf(read: (name: string) => string | undefined): string | undefined {
  const own = () => (markVariables.some((name) => read(name) !== undefined) ? ownMark : undefined);
  return read(cookieVariable) ?? own();
}

/** The same where only the command line can be read. */
export function markOfCommand(command: string | null | undefined): string | undefined {
  return command?.trimEnd().endsWith(` ${ownArgument}`) ? ownMark : undefined;
}
