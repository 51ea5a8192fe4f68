import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join, sep } from "node:path";
import { isWithin } from "../base/within.ts";
import { cookieVariable, daemonVariable, hostVariable, sessionVariable } from "../model/marks.ts";

/** What a user has in every terminal: who and where they are, and how the system speaks to them. */
const personal =
  /^(HOME|USER|LOGNAME|USERNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR|TEMP|TMP|XDG_[A-Z_]+|DOCKER_HOST|DOCKER_CONTEXT|NODE_EXTRA_CA_CERTS)$/;

/** What programs on Windows don't start without. Names have no case there. */
const ofWindows =
  /^(SystemRoot|SystemDrive|windir|ComSpec|PATHEXT|USERPROFILE|USERDOMAIN|HOMEDRIVE|HOMEPATH|APPDATA|LOCALAPPDATA|ALLUSERSPROFILE|ProgramData|ProgramFiles(\(x86\))?|ProgramW6432|CommonProgramFiles(\(x86\))?|PROCESSOR_[A-Z]+|NUMBER_OF_PROCESSORS|PSModulePath|OS)$/i;

/** A daemon that is started from inside of a session, or by a host, is no part of it. */
const marks: readonly string[] = [cookieVariable, sessionVariable, hostVariable, daemonVariable];

/**
 * The environment of a daemon: the user's own, and nothing of the project that the client happens to stand in, for one
 * daemon serves them all. What a session gets is its caller's environment, which comes with the request.
 * @param env of the client
 * @param cwd of the client; undefined where that is gone
 */
export function daemonEnvironment(env: NodeJS.ProcessEnv, cwd: string | undefined): Record<string, string> {
  const place = cwd === undefined ? undefined : projectAround(cwd);
  const own = Object.entries(env).flatMap(([name, value]): [string, string][] => {
    if (value === undefined || marks.includes(name)) return [];
    if (/^PATH$/i.test(name)) return [[name, ownPath(value, place)]];
    const isOwn = personal.test(name) || name.startsWith("DEVLATCH_");
    return isOwn || (process.platform === "win32" && ofWindows.test(name)) ? [[name, value]] : [];
  });
  return Object.fromEntries(own);
}

/** A path without what a package manager or a project adds to it: programs there are that project's. */
function ownPath(path: string, project: string | undefined): string {
  const isOwn = (directory: string) =>
    isAbsolute(directory) &&
    !directory.split(sep).includes("node_modules") &&
    (project === undefined || !isWithin(directory, project));
  return path.split(delimiter).filter(isOwn).join(delimiter);
}

/** The outermost directory around `cwd` that is a package or a checkout; the user's home and what holds it are none. */
function projectAround(cwd: string): string | undefined {
  const home = homedir();
  let found: string | undefined;
  for (let at = cwd; !isWithin(home, at) && at !== dirname(at); at = dirname(at)) {
    if (existsSync(join(at, "package.json")) || existsSync(join(at, ".git"))) found = at;
  }
  return found;
}
