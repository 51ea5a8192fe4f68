import { createChecks } from "../doctor/checks.ts";
import { Doctor } from "../doctor/doctor.ts";
import type { Base } from "./base.ts";
import type { Services } from "./services.ts";

/**
 * The doctor with everything it looks at.
 * @param knowsAll whether all records were read
 */
export function createDoctor(base: Base, services: Services, knowsAll: () => boolean): Doctor {
  const { home, processes, locks, threads, journal, deadOwners, machineId } = base;
  const { sessions, runs, sandboxes, hosts, cleanups } = services;
  return new Doctor(
    createChecks({
      ...{ processes, hosts, cleanups, machineId, threads, runs },
      sessionsDirectory: home.sessionsDirectory,
      sessions: {
        all: () => sessions.registry.all(),
        isSettling: (key) => sessions.isSettling(key),
        stop: (record, signal) => sessions.stopUnasked(record, { signal }),
      },
      daemons: deadOwners,
      heldLocks: async () => new Set((await locks.list()).map(({ key }) => key)),
      pools: { suspects: (held, signal) => sandboxes.leftovers(held, signal) },
    }),
    knowsAll,
    ({ action, summary, failure }) => {
      const change =
        failure === undefined
          ? ({ kind: "fixed" } as const)
          : ({ kind: "not-fixed", message: failure } as const);
      journal.append({ kind: "cleanup", what: action, thing: summary, change });
    },
  );
}
