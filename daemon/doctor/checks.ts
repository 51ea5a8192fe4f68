import type { Check, DoctorEnvironment } from "./contract.ts";
import { failedCleanups, ownerlessLocks } from "./daemons.ts";
import { damagedThreads, staleSockets } from "./files.ts";
import { orphanedHosts } from "./hosts.ts";
import { leftoverProcesses } from "./processes.ts";
import { deadSessions } from "./sessions.ts";

/** Everything the doctor looks for. */
export function createChecks(environment: DoctorEnvironment): readonly Check[] {
  return [
    deadSessions(environment),
    orphanedHosts(environment),
    leftoverProcesses(environment),
    staleSockets(environment),
    ownerlessLocks(environment),
    {
      name: "sandbox",
      look: async (signal) => environment.pools.suspects(await environment.heldLocks(), signal),
    },
    damagedThreads(environment),
    failedCleanups(environment),
  ];
}
