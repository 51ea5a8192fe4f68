import { createChecks } from "../doctor/checks.ts";
import type { DoctorEnvironment } from "../doctor/contract.ts";
import { Doctor } from "../doctor/doctor.ts";
import type { DeadOwners } from "../locks/dead-owners.ts";
import { startLockKey } from "../sessions/start.ts";
import type { Parts } from "./parts.ts";

/** Time a stop gets beyond the session's own stop timeout, in milliseconds. */
const stopGraceMs = 30_000;

type Examined = Pick<Parts, "sessions" | "runs" | "sandboxes" | "locks" | "threads" | "journal"> &
  Pick<DoctorEnvironment, "processes" | "hosts" | "cleanups" | "sessionsDirectory" | "machineId"> & {
    readonly deadOwners: Pick<DeadOwners, "ended" | "release">;
    /** Whether all records were read. */
    readonly knowsAll: () => boolean;
  };

/** The doctor with everything it looks at. */
export function createDoctor(parts: Examined): Doctor {
  const { sessions, sandboxes, locks, threads, deadOwners } = parts;
  return new Doctor(
    createChecks({
      ...parts,
      sessions: {
        all: () => sessions.registry.all(),
        isSettling: (key) => sessions.isSettling(key),
        stop: ({ sandboxId, app, stop }, signal) =>
          sessions.stop({ sandboxId, app, yes: false, timeoutMs: stop.timeoutMs + stopGraceMs, signal }),
      },
      daemons: deadOwners,
      heldLocks: async () => new Set((await locks.list()).map(({ key }) => key)),
      threads,
      pools: { suspects: (held, signal) => sandboxes.leftovers(held, signal) },
      startLock: startLockKey,
    }),
    parts.knowsAll,
    ({ action, summary, failure }) => {
      const change =
        failure === undefined
          ? ({ kind: "fixed" } as const)
          : ({ kind: "not-fixed", message: failure } as const);
      parts.journal.append({ kind: "cleanup", what: action, thing: summary, change });
    },
  );
}
