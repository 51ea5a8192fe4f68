import type { Exit } from "../../shared/model/session.ts";
import type { ProcessInfo } from "../processes/contract.ts";

/** `exited with code 1`, `ended by SIGKILL` */
export function describeExit({ code, signal }: Exit): string {
  if (signal !== null) return `ended by ${signal}`;
  return code === null ? "ended" : `exited with code ${code}`;
}

/** Most processes named in a message. */
const named = 5;

/** Why the session goes on although its leader ended. */
export function describeLeftovers(exit: Exit, members: readonly ProcessInfo[]): string {
  const names = members.slice(0, named).map(({ pid, name }) => `${name} (${pid})`);
  const more = members.length > named ? ` and ${members.length - named} more` : "";
  return `the first process ${describeExit(exit)}; still running: ${names.join(", ")}${more}`;
}
