import { existsSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DevlatchError } from "../../shared/base/errors.ts";
import { digest } from "../../shared/base/token.ts";
import { readDescription } from "../host/description-file.ts";
import { removeStaleSocket, socketFileOf } from "../hosts/stale-socket.ts";
import { holdExclusive } from "../store/sqlite/exclusive.ts";
import type { Check, DoctorDependencies, Suspect } from "./check.ts";
import { liveLaunches } from "./hosts.ts";
import { type Place, placesIn } from "./places.ts";

/** Sockets whose host was killed. */
export function staleSockets(dependencies: DoctorDependencies): Check {
  return {
    name: "stale-socket",
    look: async () => {
      const found = placesIn(dependencies.sessionsDirectory).map((place) =>
        lookAtSocket(place, dependencies),
      );
      return (await Promise.all(found)).flat();
    },
  };
}

async function lookAtSocket(
  { directory, name, sandboxId }: Place,
  dependencies: DoctorDependencies,
): Promise<readonly Suspect[]> {
  const file = socketFileOf(directory);
  if (file === undefined || !existsSync(file)) return [];
  const described = readDescription(directory);
  // One that is just being started has a socket before it has a description.
  if (!described || liveLaunches(dependencies).has(described.launchId)) return [];
  if (await dependencies.processes.isAlive(described.host)) return [];
  return [
    {
      id: `stale-socket:${digest(`${file} ${described.launchId}`)}`,
      level: "warning",
      summary: `The socket of a former host of ${name} in ${sandboxId} is left over`,
      remedy: `Remove it with: rm ${file}`,
      action: "Remove it",
      fix: async () => {
        if (!removeStaleSocket(directory)) throw inUse(directory);
      },
    },
  ];
}

function inUse(directory: string): DevlatchError {
  return new DevlatchError(
    "LOCK_HELD",
    `A host has the lock of ${directory} just now, so its files are in use.`,
    "Stop its server first, or look again with: devlatch doctor",
  );
}

/** Output that can't be read, and damaged files of it that were set aside. */
export function damagedThreads(dependencies: DoctorDependencies): Check {
  return {
    name: "damaged-output",
    look: async () =>
      placesIn(dependencies.sessionsDirectory).flatMap((place) => [
        ...damaged(place, dependencies),
        ...setAside(place.directory).map((file) => kept(place, file)),
      ]),
  };
}

function damaged({ directory, name, sandboxId }: Place, { threads }: DoctorDependencies): readonly Suspect[] {
  const damage = threads.damage(directory);
  if (damage === undefined) return [];
  return [
    {
      id: `damaged-output:${digest(directory)}`,
      level: "problem",
      summary: `The output of ${name} in ${sandboxId} can't be read: ${damage}`,
      remedy: "Start or restart it: the damaged file is then set aside and a new one begun.",
      action: "Set the damaged file aside",
      fix: async () => {
        const lock = holdExclusive(join(directory, "host.lock"));
        if (!lock) throw inUse(directory);
        try {
          threads.setAside(directory);
        } finally {
          lock.dispose();
        }
      },
    },
  ];
}

function kept({ name, sandboxId }: Place, file: string): Suspect {
  const isLater = file.endsWith(".later");
  const why = isLater ? "was written by a later version of Devlatch" : "was damaged";
  return {
    id: `damaged-output:${digest(file)}`,
    level: "warning",
    summary: `The output of ${name} in ${sandboxId} ${why}; what it was is kept in ${file}`,
    remedy: `When nothing in it is of use any more, remove it with: rm ${file}`,
    action: isLater ? "Remove the later version's file" : "Remove the damaged file",
    fix: () => rm(file, { force: true }),
  };
}

/** A damaged thread, or one of a later version, gets this in its name when the next host begins a new one. */
function setAside(directory: string): readonly string[] {
  try {
    const names = readdirSync(directory).filter((name) => /^thread\.db\.(?:damaged|later)/.test(name));
    return names.map((name) => join(directory, name));
  } catch {
    return [];
  }
}
