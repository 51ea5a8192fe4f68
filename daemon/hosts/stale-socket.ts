import { existsSync } from "node:fs";
import { join } from "node:path";
import { removeSocket } from "../../shared/client/socket-place.ts";
import { hostSocket } from "../host/protocol.ts";
import { holdExclusive } from "../store/sqlite/exclusive.ts";

/** The file of a session's socket, or the link to it, where its host was killed before it could remove it; undefined on Windows. */
export function socketFileOf(directory: string): string | undefined {
  return process.platform === "win32" ? undefined : join(directory, hostSocket);
}

/**
 * Removes the file of a dead host's socket. Only who holds the session's lock may: a host that is just being started
 * has made the file anew. A launch that finds the lock taken in this very moment tries again.
 * @returns false where a host has the lock, and the file is its own
 */
export function removeStaleSocket(directory: string): boolean {
  const file = socketFileOf(directory);
  if (file === undefined || !existsSync(file)) return true;
  const lock = holdExclusive(join(directory, "host.lock"));
  if (!lock) return false;
  try {
    removeSocket(directory, hostSocket);
    return true;
  } finally {
    lock.dispose();
  }
}
