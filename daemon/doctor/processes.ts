import { cookieVariable } from "../../shared/model/marks.ts";
import type { ProcessIdentity } from "../../shared/model/process.ts";
import { readDescription } from "../host/description-file.ts";
import type { Hosted } from "../hosts/hosts.ts";
import { unknownLeader } from "../processes/processes.ts";
import type { Check, DoctorDependencies, Suspect } from "./check.ts";
import { liveLaunches, politeStop } from "./hosts.ts";
import { type Place, placesIn } from "./places.ts";

/** Processes that carry the mark of a launch of this home that is over. */
export function leftoverProcesses(dependencies: DoctorDependencies): Check {
  return {
    name: "leftover-processes",
    look: async () => {
      const marked = await dependencies.processes.withVariable(cookieVariable);
      const live = liveLaunches(dependencies);
      const over = new Set(marked.map(({ value }) => value).filter((launchId) => !live.has(launchId)));
      if (over.size === 0) return [];
      const places = placesIn(dependencies.sessionsDirectory);
      const found = await Promise.all([...over].map((launchId) => look(launchId, places, dependencies)));
      return found.flat();
    },
  };
}

/** A mark alone proves nothing: it must be that of a launch which this home has on record. */
async function look(
  launchId: string,
  places: readonly Place[],
  dependencies: DoctorDependencies,
): Promise<readonly Suspect[]> {
  const { processes, hosts, threads, machineId } = dependencies;
  const place = places.find(
    ({ directory }) =>
      threads.knows(directory, launchId) || readDescription(directory)?.launchId === launchId,
  );
  if (!place || (await hasHost(place, launchId, dependencies))) return [];
  const members = await processes.members({ leader: unknownLeader, cookie: launchId });
  if (members.length === 0) return [];
  const views = await Promise.all(members.slice(0, 3).map((one) => processes.describe(one)));
  const named = views.map(({ pid, command }) => `${pid} (${command.slice(0, 80)})`).join(", ");
  const more = members.length > 3 ? ` and ${members.length - 3} more` : "";
  const hosting: Hosted = { kind: "hosted", launchId, directory: place.directory, machineId };
  return [
    {
      id: `leftover-processes:${launchId}`,
      level: "problem",
      summary: `Processes of a former ${place.name} in ${place.sandboxId} still run: ${named}${more}`,
      remedy: `End them with: kill ${members.map(({ pid }: ProcessIdentity) => pid).join(" ")}`,
      action: "End them",
      fix: async () => {
        if (!liveLaunches(dependencies).has(launchId))
          await hosts.endLeftovers({ session: place.name, stop: politeStop }, hosting);
      },
    },
  ];
}

/** With its host it is no leftover: an orphaned host is another finding, and ended with its server. */
async function hasHost(
  { directory }: Place,
  launchId: string,
  { processes }: DoctorDependencies,
): Promise<boolean> {
  const found = readDescription(directory);
  return found?.launchId === launchId && (await processes.isAlive(found.host));
}
