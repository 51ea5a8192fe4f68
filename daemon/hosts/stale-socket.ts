import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { socketPathIn } from "../../shared/client/home.ts";
import { hostSocket } from "../host/protocol.ts";
import { holdExclusive } from "../store/sqlite/exclusive.ts";

/** The file of a session's socket, where its host was killed before it could remove it; undefined on Windows. */
export function socketFileOf(directory: string): string | undefined {
  return process.platform === "win32" ? undefined : socketPathIn(directory, hostSocket);
}

/**
 * Removes the file of a dead host's socket. Only who holds the session's lock may: a host that is just being started
 * has made the file anew. A launch that finds the lock taken in this very moment tries again.
 * @returns false where a host has the lock, and the file is its own
 */
export function removeStaleSocket(directory: string): boolean {
  const file = socketFileOf(directory);
  if (file === undefined || !existsSync(file)) return true;
  const lock = existsSync(directory) ? holdExclusive(join(directory, "host.lock")) : { dispose: () => {} };
  if (!lock) return false;
  try {
    rmSync(file, { force: true });
    return true;
  } finally {
    lock.dispose();
  }
}
