import type { Check, DoctorDependencies } from "./check.ts";
import { failedCleanups, ownerlessLocks } from "./daemons.ts";
import { damagedThreads, staleSockets } from "./files.ts";
import { orphanedHosts } from "./hosts.ts";
import { leftoverProcesses } from "./processes.ts";
import { deadSessions } from "./sessions.ts";

/** Everything the doctor looks for. */
export function createChecks(dependencies: DoctorDependencies): readonly Check[] {
  return [
    deadSessions(dependencies),
    orphanedHosts(dependencies),
    leftoverProcesses(dependencies),
    staleSockets(dependencies),
    ownerlessLocks(dependencies),
    {
      name: "sandbox",
      look: async (signal) => dependencies.pools.suspects(await dependencies.heldLocks(), signal),
    },
    damagedThreads(dependencies),
    failedCleanups(dependencies),
  ];
}
