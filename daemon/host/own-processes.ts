import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Home } from "../../shared/client/home.ts";
import { readDaemonState } from "../../shared/client/state-file.ts";
import type { OwnProcess } from "../processes/strangers.ts";
import { readDescription } from "./description-file.ts";

/** The daemon and the session hosts of a home, as its files name them; see `Strangers`. Never throws. */
export function ownProcesses(home: Home): readonly OwnProcess[] {
  const daemon = readDaemonState(home);
  const directories = below(home.sessionsDirectory).flatMap(below);
  const hosts = directories.map(readDescription).filter((one) => one !== undefined);
  return [
    ...(daemon === undefined ? [] : [{ pid: daemon.pid, startTime: daemon.startTime }]),
    ...hosts.map(({ host, launchId }) => ({ ...host, launchId })),
  ];
}

function below(directory: string): string[] {
  try {
    return readdirSync(directory).map((name) => join(directory, name));
  } catch {
    return [];
  }
}
