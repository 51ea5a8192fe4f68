import { mkdirSync } from "node:fs";
import { requireBelieved } from "../base/believed-path.ts";
import { DevlatchError } from "../base/errors.ts";
import { closeDirectoryOnWindows, requirePrivateOnWindows } from "../windows/access-list.ts";
import type { Home } from "./home.ts";

/**
 * Refuses a home that another user could have written, before anything in it is read: its token would let in its writer,
 * and its daemon would get the caller's environment. One that doesn't exist yet may be made. On Windows its access list
 * says it, and those of both files, which may be of a time when it was open.
 * @throws DevlatchError `UNSAFE_PATH`
 */
export function requireHome(home: Home): void {
  requireBelieved(home.tokenFile, "file");
  requireBelieved(home.stateFile, "file");
  for (const path of [home.directory, home.tokenFile, home.stateFile]) requirePrivateOnWindows(path);
}

/**
 * Makes the home where it is missing, for this user alone (0700). One that is there is left as it is.
 * @throws DevlatchError `UNSAFE_PATH`, also where another user made the directory in the meantime; an error of the file
 *   system
 */
export function makeHome(home: Home): void {
  requireBelieved(home.directory, "directory");
  const isNew = mkdirSync(home.directory, { recursive: true, mode: 0o700 }) !== undefined;
  if (isNew) closeDirectoryOnWindows(home.directory);
  requireBelieved(home.directory, "directory");
  requirePrivateOnWindows(home.directory);
}

/** For a home that can't be made, read or written: the system's own words, and what helps. */
export function unusableHome({ directory }: Pick<Home, "directory">, cause: unknown): DevlatchError {
  return new DevlatchError(
    "DAEMON_UNAVAILABLE",
    `The directory ${directory} can't be used: ${cause instanceof Error ? cause.message : String(cause)}.`,
    "Make it yours and writable, or set DEVLATCH_HOME to another directory.",
    { cause },
  );
}
