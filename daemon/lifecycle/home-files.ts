import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { requireBelieved } from "../../shared/base/believed-path.ts";
import { hasCode } from "../../shared/base/errors.ts";
import { randomToken } from "../../shared/base/token.ts";
import { makeHome, requireHome, unusableHome } from "../../shared/client/believed-home.ts";
import type { Home } from "../../shared/client/home.ts";
import { type DaemonState, readDaemonState, readToken } from "../../shared/client/state-file.ts";

/**
 * Makes the home directory where it is missing, private to this user, and refuses one that another user could have
 * written, before anything in it is read. What is there is left as it is.
 * @throws DevlatchError `UNSAFE_PATH`; `DAEMON_UNAVAILABLE` when it can't be made
 */
export function prepareHome(home: Home): void {
  try {
    makeHome(home);
    requireHome(home);
    const { sessionsDirectory, sandboxesDirectory, cacheDirectory } = home;
    for (const directory of [sessionsDirectory, sandboxesDirectory, cacheDirectory])
      requireBelieved(directory, "directory");
    // Whether it can be opened is found out where it is: a broken journal stops nothing.
    for (const file of filesOf(home)) requireBelieved(file, "anything");
    for (const directory of [sessionsDirectory, cacheDirectory])
      mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    if (hasCode(cause, "UNSAFE_PATH")) throw cause;
    throw unusableHome(home, cause);
  }
}

function filesOf(home: Home): readonly string[] {
  const { directory, sessionsDirectory, sandboxesDirectory, cacheDirectory, socketPath, ...files } = home;
  return Object.values(files);
}

/** The home's token; a missing or unusable one is made anew. Only the one daemon may call this. */
export function ensureToken(home: Home): string {
  const known = readToken(home);
  if (known) {
    chmodSync(home.tokenFile, 0o600);
    return known;
  }
  const token = randomToken() + randomToken();
  writeAtomically(home.tokenFile, `${token}\n`);
  return token;
}

export function writeDaemonState(home: Home, state: DaemonState): void {
  writeAtomically(home.stateFile, `${JSON.stringify(state, null, 2)}\n`);
}

/** Removes the state file if it is still this daemon's. */
export function removeDaemonState(home: Home, epoch: string): void {
  if (readDaemonState(home)?.epoch === epoch) rmSync(home.stateFile, { force: true });
}

/** Readers see the old content or the new, never half of it. */
function writeAtomically(file: string, content: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, content, { mode: 0o600 });
  renameSync(temporary, file);
}
