import type { SessionRecord } from "../../shared/model/session.ts";
import { type Hosted, type Hosts, leftoversOf } from "../hosts/hosts.ts";
import type { SessionDependencies } from "./dependencies.ts";
import { cameBack, stopIncomplete } from "./errors.ts";
import { comeback, keepersOf } from "./keepers.ts";

/**
 * Ends what an earlier launch left, before another one: a launch beside it would fight with it for the port.
 * @throws DevlatchError `STOP_INCOMPLETE` with the survivors, or with who starts it again; the signal's reason
 */
export async function endLeftBehind(
  record: SessionRecord,
  hosting: Hosted,
  { processes, cleanups }: Pick<SessionDependencies, "processes" | "cleanups">,
  hosts: Hosts,
  signal: AbortSignal,
): Promise<void> {
  const root = hosts.treeOf(hosting);
  const keepers = await keepersOf(processes, root);
  const survivors = await hosts.endRecorded(record, hosting);
  if (survivors.length > 0) {
    const error = stopIncomplete(record.session, survivors);
    cleanups.owe(leftoversOf(record, hosting), error);
    throw error;
  }
  const { port } = record.settings;
  const again = await comeback(processes, { port, root }, keepers, signal);
  if (again) throw cameBack(record, port, again);
}
