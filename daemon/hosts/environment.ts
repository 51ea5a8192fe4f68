import { digest } from "../../shared/base/token.ts";
import { daemonVariable, hostVariable } from "../../shared/model/marks.ts";

/** Devlatch's own secrets and what marks its own processes: no server inherits them. */
const ownVariables = new Set(["DEVLATCH_REDIS_URL", "DEVLATCH_TOKEN", hostVariable, daemonVariable]);

/**
 * The environment of a session's command: the caller's, under its own settings, under what Devlatch exports.
 * @param exported `PORT`, the cookie and the session's name
 */
export function childEnvironment(
  caller: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>>,
  exported: Readonly<Record<string, string>>,
): Record<string, string> {
  const inherited = Object.entries(caller).filter(([name]) => !ownVariables.has(name));
  return { ...Object.fromEntries(inherited), ...settings, ...exported };
}

/** What the marks of all hosts of a home end with. @param sessionsDirectory of that home */
export function hostMarkOf(sessionsDirectory: string): string {
  return digest(sessionsDirectory);
}

/** A host carries no cookie of ours: it must not be taken for a member of any session it was started from. */
export function hostEnvironment(launchId: string, sessionsDirectory: string): Record<string, string> {
  const env: Record<string, string> = {
    ELECTRON_RUN_AS_NODE: "1",
    [hostVariable]: `${launchId}.${hostMarkOf(sessionsDirectory)}`,
  };
  for (const name of [
    "PATH",
    "HOME",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
    "TEMP",
    "TMP",
    "LANG",
    "SystemRoot",
    "USERPROFILE",
    "APPDATA",
    "NODE_COMPILE_CACHE",
  ]) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}
