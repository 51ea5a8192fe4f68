/** Devlatch's own secrets, which no server inherits. */
const secretVariables = new Set(["DEVLATCH_REDIS_URL", "DEVLATCH_TOKEN"]);

/**
 * The environment of a session's command: the caller's, under its own settings, under what Devlatch exports.
 * @param exported `PORT`, the cookie and the session's name
 */
export function childEnvironment(
  caller: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>>,
  exported: Readonly<Record<string, string>>,
): Record<string, string> {
  const inherited = Object.entries(caller).filter(([name]) => !secretVariables.has(name));
  return { ...Object.fromEntries(inherited), ...settings, ...exported };
}

/** A host carries no cookie of ours: it must not be taken for a member of any session it was started from. */
export function hostEnvironment(): Record<string, string> {
  const env: Record<string, string> = { ELECTRON_RUN_AS_NODE: "1" };
  for (const name of [
    "PATH",
    "HOME",
    "TMPDIR",
    "TEMP",
    "TMP",
    "LANG",
    "SystemRoot",
    "USERPROFILE",
    "APPDATA",
  ]) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}
