import type { PackageManager } from "../../shared/model/app.ts";
import { type Framework, usualInfoFlags } from "./frameworks.ts";
import { scanOptions } from "./options.ts";
import type { PackageManagerCommand } from "./package-manager-command.ts";
import { findPortFlag, parsePort, portOf } from "./port-flags.ts";
import type { Scope } from "./scope.ts";

/** A development server that a command line starts. */
export interface RecognisedServer {
  /** Undefined for a plain server: a script that runs a file. */
  readonly framework?: Framework;
  readonly app: "web" | "mobile";
  /** The port the command line sets. */
  readonly port?: number;
  /** Files of variables that the command line names, the last one first to count; absolute. */
  readonly envFiles?: readonly string[];
  /** The outermost package script on the way. */
  readonly script?: string;
  readonly packageManager?: PackageManager;
  /** The words of the program that serves, where they stand in the command line. */
  readonly words?: readonly string[];
  /** Absolute directory it runs in. */
  readonly directory: string;
  /** What goes before an argument appended to the command line so that the server gets it; undefined: it never does. */
  readonly argumentPrefix?: readonly string[];
  /** Set where Devlatch is what starts it (`devlatch dev -- next dev`): then it is the one that all share. */
  readonly shared?: true;
}

/** Scripts that serve by their name: what runs a plain file there is a server, elsewhere it is a task. */
export const servingScripts: readonly string[] = ["dev", "start:dev", "serve", "develop", "start", "server"];

/** What a server without a framework takes its port with, as far as that can be known. */
const plainPortFlags: readonly string[] = ["--port", "-p"];

/** The one of several servers that a command line is known by: a framework's before a plain one. */
export function principal(servers: readonly RecognisedServer[]): RecognisedServer | undefined {
  return servers.find((one) => one.framework !== undefined) ?? servers[0];
}

/**
 * Whether a framework's program with these arguments serves: it could also build, or print its help.
 * @param serving whether it stands where a server is started
 */
export function startsServer(framework: Framework, args: readonly string[], serving: boolean): boolean {
  const dashes = args.indexOf("--");
  const own = dashes < 0 ? args : args.slice(0, dashes);
  const info = framework.infoFlags ?? usualInfoFlags;
  if (own.some((arg) => info.includes(arg))) return false;
  if (framework.otherCommands === undefined) {
    const { positionals, rest } = scanOptions(own, framework.valueFlags ?? [], 1);
    const [command] = positionals;
    if (framework.asides?.includes(rest[0] ?? "")) return false;
    if (command === undefined) return serving && framework.bare === true;
    return framework.commands.includes(command);
  }
  const others = framework.otherCommands;
  return !own.some((arg) => others.includes(arg)) || framework.commands.includes(own[0] ?? "");
}

/** A server without a framework, as far as its command line tells. */
export function plainServer(
  scope: Pick<Scope, "cwd" | "env" | "envFiles">,
  args: readonly string[],
): RecognisedServer {
  const port = portIn(args, plainPortFlags, scope.env);
  const found: RecognisedServer = {
    app: "web",
    directory: scope.cwd,
    argumentPrefix: [],
    ...filesOf(scope),
  };
  return port === undefined ? found : { ...found, port };
}

/** The files of variables on the way, as a server has them. */
export function filesOf({ envFiles }: Pick<Scope, "envFiles">): Pick<RecognisedServer, "envFiles"> {
  return envFiles === undefined || envFiles.length === 0 ? {} : { envFiles };
}

/** The port a command line sets: by flag, else by a variable in front of it. */
export function portIn(
  args: readonly string[],
  flags: readonly string[],
  env: Readonly<Record<string, string>>,
  variables: readonly string[] = [],
): number | undefined {
  const flagged = portOf(findPortFlag(beforeDashes(args), flags)?.value, env);
  if (flagged !== undefined) return flagged;
  return ["PORT", ...variables].map((name) => portOf(env[name], env)).find((port) => port !== undefined);
}

/** What a program reads as options: behind `--`, which pnpm hands on, it drops them or takes them for names. */
function beforeDashes(args: readonly string[]): readonly string[] {
  return endsOptions(args) ? args.slice(0, args.indexOf("--")) : args;
}

/** Whether nothing that is appended to these arguments counts as an option. */
export function endsOptions(args: readonly string[]): boolean {
  return args.includes("--");
}

/** The port in an argument `8000`, `localhost:8000` or `[::1]:8000`. */
export function addressPort(args: readonly string[]): number | undefined {
  const ports = args.map((arg) => /^(?:.*:)?(\d{1,5})$/.exec(arg)?.[1]);
  return parsePort(ports.find((port) => port !== undefined));
}

/** Where no package can be looked into, the name is all there is to go by. */
export function conventional(
  command: Extract<PackageManagerCommand, { kind: "script" }>,
  { cwd: directory, env }: Pick<Scope, "cwd" | "env">,
): readonly RecognisedServer[] {
  const { script, manager } = command;
  if (!["dev", "start:dev", "serve", "develop"].includes(script)) return [];
  const port = portIn(command.args, plainPortFlags, env);
  return [
    { app: "web", directory, script, packageManager: manager, ...(port === undefined ? {} : { port }) },
  ];
}

/** The same servers where arguments appended to the command line don't reach them. */
export function withoutArguments(servers: readonly RecognisedServer[]): readonly RecognisedServer[] {
  return servers.map(({ argumentPrefix: _prefix, ...one }) => one);
}
