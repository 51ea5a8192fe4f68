import { readlinkSync } from "node:fs";
import { DevlatchError } from "../base/errors.ts";
import type { DaemonState } from "./state-file.ts";

/**
 * The network this process is in, by its namespace's name (network_namespaces(7)). Containers and agents' sandboxes have
 * one of their own, with a `localhost` of its own.
 * @returns undefined where there are no such namespaces, or it can't be told
 */
export function ownNetwork(): string | undefined {
  try {
    return readlinkSync("/proc/self/ns/net");
  } catch {
    return undefined;
  }
}

/** Why a daemon is of no use to this process, which could reach none of its servers; undefined where it is of use. */
export function networkDiffers({
  pid,
  network,
}: Pick<DaemonState, "pid" | "network">): DevlatchError | undefined {
  const own = ownNetwork();
  if (network === undefined || own === undefined || network === own) return undefined;
  return new DevlatchError(
    "NETWORK_DIFFERS",
    `The running daemon (pid ${pid}) is in another network than this, as one in a container or an agent's sandbox is: its servers can't be reached from here.`,
    "Stop it with: devlatch daemon stop (servers go on running), and try again. Where both are to run, give one a home of its own (DEVLATCH_HOME).",
  );
}
