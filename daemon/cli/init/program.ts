/** How an agent's machine gets at Devlatch: by name, from the repository's own dependencies, or from the registry. */
export type Reach = "path" | "dependency" | "registry";

/** A program with its arguments. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
}

const byName: Launch = { command: "devlatch", args: ["mcp"] };
/** Takes the repository's own dependency where there is one, and asks nothing. */
const byNpx: Launch = { command: "npx", args: ["-y", "devlatch", "mcp"] };

/**
 * How clients launch the MCP server. By its name where it can be found so: that starts in a fraction of the time, and
 * without the registry.
 */
export function serverLaunch(reach: Reach): Launch {
  return reach === "path" ? byName : byNpx;
}

/** Whether the entry of a server is as init writes it on any machine. */
export function isServerLaunch(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { type = "stdio", command, args, ...more }: Record<string, unknown> = { ...value };
  const text = JSON.stringify({ command, args });
  const isLaunch = [byName, byNpx].some((launch) => JSON.stringify(launch) === text);
  return isLaunch && type === "stdio" && Object.keys(more).length === 0;
}

/** Shells in which a hook's command line is run. */
export type HookShell = "posix" | "any";

/**
 * The command line of the guard. It runs before each command of an agent, so `npx`, which takes most of a second, won't do.
 * Where the shell is known to have it, `|| true` lets commands pass on machines without Devlatch.
 * @param directory what stands before `node_modules`, as the client's shell reads it
 * @returns undefined where only `npx` would reach it
 */
export function guardCommand(reach: Reach, shell: HookShell, directory = "."): string | undefined {
  if (reach === "registry") return undefined;
  const program = reach === "path" ? "devlatch" : `${directory}/node_modules/.bin/devlatch`;
  return `${program} guard${shell === "posix" ? " || true" : ""}`;
}

/** Whether a hook's command line is the guard's. */
export function isGuardCommand(value: unknown): boolean {
  return typeof value === "string" && /(?:^|[\\/])devlatch guard(?: \|\| true)?$/.test(value);
}
