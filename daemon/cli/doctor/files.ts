import { accessSync, constants, existsSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { faultOf, refusalOf } from "../../../shared/base/believed-path.ts";
import type { Home } from "../../../shared/client/home.ts";
import { readDaemonState, readToken } from "../../../shared/client/state-file.ts";
import type { Finding } from "../../../shared/model/doctor.ts";
import { info, ok, problem, warning } from "./finding.ts";

const onWindows = process.platform === "win32";

const closing = { id: "home:mode", action: "Close it" } as const;

/** What the files of a home say by themselves, whether or not a daemon runs. Changes nothing. */
export function checkFiles(home: Home): Finding[] {
  const directory = checkDirectory(home.directory);
  const isRefused = faultOf(home.directory, "directory") !== undefined;
  if (isRefused || !existsSync(home.directory)) return [directory];
  return [directory, checkToken(home), checkState(home), ...checkLogs(home), ...checkCleanups(home)];
}

function checkDirectory(path: string): Finding {
  const fault = faultOf(path, "directory");
  if (fault) {
    const { message, remedy } = refusalOf(path, fault);
    const isOurs = fault.kind === "mode" && fault.path === path;
    return problem("home", message, remedy, isOurs ? closing : undefined);
  }
  const found = statOf(path);
  if (found === undefined) return checkMissing(path);
  if (found instanceof Error) {
    return problem(
      "home",
      `${path} can't be read (${found.message})`,
      "Set DEVLATCH_HOME to a directory of yours.",
    );
  }
  if (!found.isDirectory()) {
    return problem(
      "home",
      `${path} isn't a directory`,
      "Move it away, or set DEVLATCH_HOME to another directory.",
    );
  }
  if (!isWritable(path)) {
    return problem(
      "home",
      `${path} can't be written to`,
      `Allow it (chmod u+rwx ${path}), or set DEVLATCH_HOME to another directory. Where the disk is read-only, that is what helps.`,
    );
  }
  if (isOpen(found)) {
    return problem(
      "home",
      `${path} is open to other users (mode ${mode(found)})`,
      `Close it with: chmod 700 ${path}`,
      closing,
    );
  }
  return ok("home", `${path} is private and writable`);
}

/** Whether a home could be made there. */
function checkMissing(path: string): Finding {
  let above = dirname(path);
  while (!existsSync(above) && above !== dirname(above)) above = dirname(above);
  if (isWritable(above)) return info("home", `${path} doesn't exist yet; the first start creates it`);
  return problem(
    "home",
    `${path} doesn't exist, and can't be made: ${above} can't be written to`,
    "Set DEVLATCH_HOME to a directory of yours that can be written to. In a container: mount a volume there.",
  );
}

function checkToken(home: Home): Finding {
  const path = home.tokenFile;
  const found = statOf(path);
  if (found === undefined) return info("token", "No token yet; the first daemon makes one");
  if (found instanceof Error || !canRead(path)) {
    return problem("token", `The token file ${path} can't be read`, `Make it yours: chmod 600 ${path}`);
  }
  if (isOpen(found)) {
    return problem(
      "token",
      `Other users may read the token (mode ${mode(found)})`,
      `Close it with: chmod 600 ${path}`,
      { id: "token:mode", action: "Close it" },
    );
  }
  if (readToken(home)) return ok("token", "The token is readable, by you only");
  return problem(
    "token",
    `${path} holds no token`,
    `Stop the daemon if one runs, and remove ${path}: the next daemon makes a new one.`,
  );
}

function checkState(home: Home): Finding {
  if (!existsSync(home.stateFile)) return info("state", "No state file: no daemon runs");
  const state = readDaemonState(home);
  if (!state) {
    return warning(
      "state",
      `${home.stateFile} can't be understood (half written, or of another version)`,
      "Nothing to do: the next daemon replaces it.",
    );
  }
  return ok("state", `The state file names daemon ${state.version}, pid ${state.pid}`);
}

function checkLogs(home: Home): Finding[] {
  const logs = [home.logFile, `${home.logFile}.stderr`].filter((path) => existsSync(path));
  const words = logs.map((path) => `${path} (${statSync(path).size} bytes)`).join(", ");
  return [info("log", logs.length > 0 ? `Log: ${words}` : `No log yet; it will be ${home.logFile}`)];
}

/** The daemon, where one runs, tells more of them. */
function checkCleanups({ cleanupsFile }: Home): Finding[] {
  const isThere = existsSync(cleanupsFile);
  return isThere
    ? [info("cleanups", `Cleanups that aren't finished: ${cleanupsFile}. A daemon goes on with them`)]
    : [];
}

/** Whether a stale socket lies around: a file at the daemon's address although no daemon answers. */
export function checkSocket(home: Home, answers: boolean): Finding[] {
  const path = home.socketPath;
  if (answers || !existsSync(path)) return [];
  const summary = `No daemon answers at the socket ${path}: a daemon ended without cleaning up`;
  return [warning("socket", summary, "Nothing to do: the next daemon replaces it.")];
}

function statOf(path: string): Stats | Error | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function canRead(path: string): boolean {
  return isAllowed(path, constants.R_OK);
}

function isWritable(path: string): boolean {
  return isAllowed(path, constants.R_OK | constants.W_OK | (onWindows ? 0 : constants.X_OK));
}

function isAllowed(path: string, access: number): boolean {
  try {
    accessSync(path, access);
    return true;
  } catch {
    return false;
  }
}

/** Windows has no such bits: its user directories are private by their access lists. */
function isOpen(found: Stats): boolean {
  return !onWindows && (found.mode & 0o077) !== 0;
}

function mode(found: Stats): string {
  return (found.mode & 0o777).toString(8).padStart(4, "0");
}
