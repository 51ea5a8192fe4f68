import { describeExit, type Exit } from "../../shared/model/exit.ts";
import type { ProcessInfo } from "../processes/processes.ts";

/** Most processes named in a message. */
const named = 5;

/** Why the session goes on although its leader ended. */
export function describeLeftovers(exit: Exit, members: readonly ProcessInfo[]): string {
  const names = members.slice(0, named).map(({ pid, name }) => `${name} (${pid})`);
  const more = members.length > named ? ` and ${members.length - named} more` : "";
  return `the first process ${describeExit(exit)}; still running: ${names.join(", ")}${more}`;
}
