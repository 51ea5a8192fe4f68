import { readFileSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { requireBelieved } from "../../shared/base/believed-path.ts";
import { randomToken } from "../../shared/base/token.ts";
import { socketPathIn } from "../../shared/client/socket-place.ts";
import { hostSocket } from "./protocol.ts";

function keyFile(directory: string): string {
  return join(directory, "host.key");
}

/**
 * Makes the key by which this launch's host proves itself. It is the directory's, not the home's: a host outlives a
 * token that is made anew. Call while holding the session's lock, before the socket listens.
 */
export function makeHostKey(directory: string): string {
  const key = randomToken();
  const temporary = `${keyFile(directory)}.new`;
  writeFileSync(temporary, `${key}\n`, { mode: 0o600 });
  renameSync(temporary, keyFile(directory));
  return key;
}

/**
 * @returns undefined where the host of this directory has none: it is of an earlier build
 * @throws DevlatchError `UNSAFE_PATH`; an error of the file system
 */
export function readHostKey(directory: string): string | undefined {
  requireBelieved(keyFile(directory), "file");
  try {
    return readFileSync(keyFile(directory), "utf8").trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * What host and daemon both call the socket of this directory, whichever way their paths lead there.
 * @throws an error of the file system, where it is gone
 */
export function hostAddress(directory: string): string {
  const path = socketPathIn(directory, hostSocket);
  return process.platform === "win32" ? path : realpathSync(path);
}
