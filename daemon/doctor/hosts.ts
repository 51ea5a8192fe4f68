import { until } from "../../shared/base/deadline.ts";
import { digest } from "../../shared/base/token.ts";
import { hostVariable } from "../../shared/model/marks.ts";
import { isRunLive } from "../../shared/model/run-state.ts";
import { spokenSession } from "../../shared/model/session-names.ts";
import { isLive } from "../../shared/model/session-state.ts";
import { readDescription } from "../host/description-file.ts";
import { hostMarkOf } from "../hosts/environment.ts";
import type { Hosted } from "../hosts/hosts.ts";
import { unknownLeader } from "../processes/processes.ts";
import { terminateTree } from "../processes/terminate.ts";
import type { Check, DoctorDependencies, Suspect } from "./check.ts";
import { type Place, placesIn } from "./places.ts";

/** What a host's processes get before SIGKILL, in milliseconds. */
const stopMs = 2_000;
export const politeStop = { signal: "SIGTERM", timeoutMs: stopMs };

/** Launches that some record says live, or are being started or stopped. */
export function liveLaunches({ sessions, runs }: DoctorDependencies): ReadonlySet<string> {
  const ofSessions = sessions.all().filter(({ state }) => isLive(state));
  const ofRuns = runs.list().filter(({ state }) => isRunLive(state));
  return new Set(
    [...ofSessions, ...ofRuns].flatMap(({ hosting }) =>
      hosting?.kind === "hosted" ? [hosting.launchId] : [],
    ),
  );
}

/** Session hosts that live although no record tells of them. */
export function orphanedHosts(dependencies: DoctorDependencies): Check {
  return {
    name: "orphaned-host",
    look: async () => {
      const places = placesIn(dependencies.sessionsDirectory);
      const inPlaces = await Promise.all(places.map((place) => lookInto(place, dependencies)));
      return [...inPlaces.flat(), ...(await withoutPlace(places, dependencies))];
    },
  };
}

async function lookInto(place: Place, dependencies: DoctorDependencies): Promise<readonly Suspect[]> {
  const { processes, hosts, machineId } = dependencies;
  const found = readDescription(place.directory);
  if (!found || found.exit || liveLaunches(dependencies).has(found.launchId)) return [];
  if (!(await processes.isAlive(found.host))) return [];
  const { launchId, session } = found;
  const hosting: Hosted = { kind: "hosted", launchId, directory: place.directory, machineId };
  return [
    {
      id: `orphaned-host:${launchId}`,
      level: "problem",
      summary: `A host of ${spokenSession(session)} (pid ${found.host.pid}) runs in ${place.sandboxId}, and no record tells of it`,
      remedy: `End it with: kill ${found.host.pid} (it ends its server first)`,
      action: "End it with its server",
      fix: async () => {
        // Its daemon may have written the record back since.
        if (!liveLaunches(dependencies).has(launchId))
          await hosts.endRecorded({ session, stop: politeStop }, hosting);
      },
    },
  ];
}

/** Hosts of this home whose directory was removed, or taken by another host: known by what they were started with. */
async function withoutPlace(
  places: readonly Place[],
  dependencies: DoctorDependencies,
): Promise<readonly Suspect[]> {
  const { processes, sessionsDirectory } = dependencies;
  const described = new Set(places.flatMap(({ directory }) => readDescription(directory)?.host.pid ?? []));
  const suffix = `.${hostMarkOf(sessionsDirectory)}`;
  const hosts = await processes.withVariable(hostVariable);
  // Between its birth and its description a host is known by its intent alone.
  const live = liveLaunches(dependencies);
  const isKnown = (value: string) => live.has(value.slice(0, -suffix.length));
  return hosts
    .filter(({ pid, value }) => value.endsWith(suffix) && !described.has(pid) && !isKnown(value))
    .map(({ pid, startTime, value }): Suspect => {
      const host = { pid, startTime };
      const cookie = value.slice(0, -suffix.length);
      return {
        id: `orphaned-host:${digest(`${pid} ${startTime}`)}`,
        level: "problem",
        summary: `A session host (pid ${pid}) runs whose directory is gone`,
        remedy: `End it with: kill ${pid} (it ends its server first)`,
        action: "End it with its server",
        fix: async (signal) => {
          await terminateTree(
            processes,
            { leader: unknownLeader, cookie, host },
            { ...politeStop, signal: "SIGTERM" },
          );
          await processes.signal(host, "SIGKILL");
          const gone = async () => ((await processes.isAlive(host)) ? undefined : true);
          await until(gone, {
            intervalMs: 10,
            signal: AbortSignal.any([signal, AbortSignal.timeout(stopMs)]),
          });
        },
      };
    });
}
