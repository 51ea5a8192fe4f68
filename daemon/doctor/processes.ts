import { cookieVariable } from "../../shared/model/marks.ts";
import type { ProcessIdentity } from "../../shared/model/process.ts";
import { readDescription } from "../host/description-file.ts";
import type { Hosted } from "../hosts/hosts.ts";
import { unknownLeader } from "../processes/contract.ts";
import type { Check, DoctorEnvironment, Suspect } from "./contract.ts";
import { liveLaunches, politeStop } from "./hosts.ts";
import { type Place, placesIn } from "./places.ts";

/** Processes that carry the mark of a launch of this home that is over. */
export function leftoverProcesses(environment: DoctorEnvironment): Check {
  return {
    name: "leftover-processes",
    look: async () => {
      const marked = await environment.processes.withVariable(cookieVariable);
      const live = liveLaunches(environment);
      const over = new Set(marked.map(({ value }) => value).filter((launchId) => !live.has(launchId)));
      if (over.size === 0) return [];
      const places = placesIn(environment.sessionsDirectory);
      const found = await Promise.all([...over].map((launchId) => look(launchId, places, environment)));
      return found.flat();
    },
  };
}

/** A mark alone proves nothing: it must be that of a launch which this home has on record. */
async function look(
  launchId: string,
  places: readonly Place[],
  environment: DoctorEnvironment,
): Promise<readonly Suspect[]> {
  const { processes, hosts, threads, machineId } = environment;
  const place = places.find(
    ({ directory }) =>
      threads.knows(directory, launchId) || readDescription(directory)?.launchId === launchId,
  );
  if (!place || (await hasHost(place, launchId, environment))) return [];
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
        if (!liveLaunches(environment).has(launchId))
          await hosts.endLeftovers({ session: place.name, stop: politeStop }, hosting);
      },
    },
  ];
}

/** With its host it is no leftover: an orphaned host is another finding, and ended with its server. */
async function hasHost(
  { directory }: Place,
  launchId: string,
  { processes }: DoctorEnvironment,
): Promise<boolean> {
  const found = readDescription(directory);
  return found?.launchId === launchId && (await processes.isAlive(found.host));
}
