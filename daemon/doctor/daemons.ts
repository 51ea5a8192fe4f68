import type { Check, DoctorDependencies } from "./check.ts";

/** Daemons on this store that have surely ended, with what they held. */
export function ownerlessLocks({ daemons }: DoctorDependencies): Check {
  return {
    name: "ownerless-locks",
    look: async () =>
      (await daemons.ended()).map(({ instance, pid }) => ({
        id: `ownerless-locks:${instance}`,
        level: "warning",
        summary: `A daemon (pid ${pid}) has died, and its locks weren't released`,
        remedy: "Nothing to do: the next that waits for one of them frees it, and otherwise they expire.",
        action: "Release them",
        fix: () => daemons.release(instance),
      })),
  };
}

/** Cleanups that failed and weren't finished since. */
export function failedCleanups({ cleanups }: DoctorDependencies): Check {
  return {
    name: "failed-cleanup",
    look: async () =>
      cleanups.list().flatMap(({ id, what, thing, error, failures }) =>
        error === undefined
          ? []
          : [
              {
                id: `failed-cleanup:${id}`,
                level: "warning" as const,
                summary: `To ${what} ${thing} has failed ${failures === 1 ? "once" : `${failures} times`}: ${error.message}`,
                remedy: `${error.remedy} It is tried again by itself.`,
                action: "Try it again now",
                fix: () => cleanups.retry(id),
              },
            ],
      ),
  };
}
