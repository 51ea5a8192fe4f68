import { sessionKey, startLockKey } from "../../shared/model/keys.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { isLive } from "../../shared/model/session-state.ts";
import { hostedHere } from "../hosts/hosts.ts";
import type { Check, DoctorDependencies, Suspect } from "./check.ts";

/** Sessions that are said to run although their host is gone. */
export function deadSessions(dependencies: DoctorDependencies): Check {
  return {
    name: "dead-session",
    look: async () => {
      const held = await dependencies.heldLocks();
      const quiet = dependencies.sessions.all().filter((record) => isQuiet(record, held, dependencies));
      return (await Promise.all(quiet.map((record) => look(record, dependencies)))).flat();
    },
  };
}

/** Nothing is at work on it: neither a start or stop, nor what follows a server that ended by itself. */
function isQuiet(
  record: SessionRecord,
  held: ReadonlySet<string>,
  { sessions }: DoctorDependencies,
): boolean {
  const isSettling = sessions.isSettling(sessionKey(record));
  return isLive(record.state) && !isSettling && !held.has(startLockKey(record));
}

async function look(record: SessionRecord, dependencies: DoctorDependencies): Promise<readonly Suspect[]> {
  const { hosts, machineId, sessions } = dependencies;
  const hosting = hostedHere(record, machineId);
  if (!hosting) return [];
  const host = await hosts.stateOf(hosting);
  if (host.kind !== "gone") return [];
  return [
    {
      id: `dead-session:${hosting.launchId}`,
      level: "problem",
      summary: `${record.app} in ${record.root} is recorded as ${record.state.kind}, but its host is gone`,
      remedy: `Write it down as stopped with: devlatch stop ${record.app}`,
      action: "End what is left of it and write it down as stopped",
      fix: (signal) => sessions.stop(record, signal),
    },
  ];
}
