import type { ProcessIdentity } from "../../shared/model/process.ts";
import { type Ancestor, agentRunning, originOf, programOf } from "./origin.ts";
import type { ProcessOrigin } from "./processes.ts";

/**
 * On whose behalf a command runs, from a platform's view of its ancestors.
 * @param lineage the command first, then its parent and so on
 * @param known the leader of its session, where the platform has one that lives; whether it says that an agent runs it
 * @param identify a living process by its pid
 */
export async function toOrigin(
  lineage: readonly Ancestor[],
  known: { readonly leader?: Ancestor | undefined; readonly marked: boolean },
  identify: (pid: number) => Promise<ProcessIdentity | undefined>,
): Promise<ProcessOrigin | undefined> {
  const found = originOf(lineage, known.leader);
  const process = found && (await identify(found.pid));
  if (!process) return undefined;
  const running = agentRunning(lineage, known.marked);
  const agent = running && (await identify(running.pid));
  return {
    ...{ process, program: programOf(found) },
    ...(found.terminal === undefined ? {} : { terminal: found.terminal }),
    ...(running && agent ? { agent: { process: agent, program: programOf(running) } } : {}),
  };
}
