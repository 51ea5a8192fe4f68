import { chmodSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { DevlatchError } from "../../shared/base/errors.ts";
import { randomToken } from "../../shared/base/token.ts";
import type { Home } from "../../shared/client/home.ts";
import { type DaemonState, readDaemonState, readToken } from "../../shared/client/state-file.ts";

/**
 * Makes the home directory, private to this user.
 * @throws DevlatchError `DAEMON_UNAVAILABLE` when it can't be made, belongs to another user or isn't a directory
 */
export function prepareHome(home: Home): void {
  try {
    mkdirSync(home.sessionsDirectory, { recursive: true, mode: 0o700 });
    mkdirSync(home.cacheDirectory, { recursive: true, mode: 0o700 });
    const { uid } = statSync(home.directory);
    if (process.platform !== "win32" && uid !== userInfo().uid) throw new Error("it belongs to another user");
    chmodSync(home.directory, 0o700);
  } catch (cause) {
    throw new DevlatchError(
      "DAEMON_UNAVAILABLE",
      `The directory ${home.directory} can't be used: ${cause instanceof Error ? cause.message : String(cause)}.`,
      "Make it yours and writable, or set DEVLATCH_HOME to another directory.",
      { cause },
    );
  }
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
