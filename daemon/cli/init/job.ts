import { existsSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { DevlatchError, toErrorShape } from "../../../shared/base/errors.ts";
import { configFileName } from "../../../shared/model/config.ts";
import type { SandboxView } from "../../../shared/model/sandbox.ts";
import type { Context } from "../context.ts";
import { type ClientName, clientNames, partsFor, type Scope } from "./clients.ts";
import { configurationPart } from "./configuration.ts";
import type { FilePart } from "./edit.ts";
import type { Direction } from "./plan.ts";
import type { Reach } from "./program.ts";
import { scriptPart } from "./script-part.ts";
import { foundClients, reachOf, repositoryOf } from "./surroundings.ts";

/** What init was asked to do. */
export interface Wishes {
  readonly remove: boolean;
  readonly user: boolean;
  readonly script: boolean;
  /** undefined: those that are found. */
  readonly agents: readonly ClientName[] | undefined;
}

/** What init has to do, and where. */
export interface Job {
  readonly scope: Scope;
  readonly direction: Direction;
  /** Real path of the repository, or of the home directory. */
  readonly base: string;
  readonly agents: readonly ClientName[];
  readonly parts: readonly FilePart[];
  /** What else the reader should know. */
  readonly notes: readonly string[];
}

/**
 * Looks where init is and what is there.
 * @throws DevlatchError `UNSAFE_PATH` where another user could have put the repository there; `INVALID_INPUT`
 */
export async function jobOf(wishes: Wishes, context: Context): Promise<Job> {
  const { remove, user } = wishes;
  if (user && wishes.script) throw scriptOfUser();
  const scope: Scope = user ? "user" : "project";
  const base = user ? realpathSync(homedir()) : repositoryOf(context.cwd, homedir());
  const agents = wishes.agents ?? (remove ? clientNames : foundClients(base, homedir(), scope));
  // To take out, it must be known what there is, and not how Devlatch is reached.
  const reach = remove ? "path" : reachOf(base, scope, context.env["PATH"]);
  const clientParts = partsFor(agents, scope, reach);
  if (user) return { scope, direction: directionOf(wishes), base, agents, parts: clientParts, notes: [] };
  const script = wishes.script || remove ? [scriptPart(packageFile(context.cwd, base))] : [];
  const configuration = await configurationOf(base, remove, context);
  return {
    ...{ scope, direction: directionOf(wishes), base, agents },
    parts: [...clientParts, ...script, configuration.part],
    notes: [...configuration.notes, ...notesOf(reach, agents)],
  };
}

function directionOf({ remove }: Wishes): Direction {
  return remove ? "take" : "put";
}

function scriptOfUser(): DevlatchError {
  return new DevlatchError(
    "INVALID_INPUT",
    "--script is about a repository, and --user about none.",
    "Run devlatch init --script in the repository.",
  );
}

function notesOf(reach: Reach, agents: readonly ClientName[]): readonly string[] {
  if (reach !== "registry" || agents.every((name) => name === "gemini")) return [];
  return [
    "The guard isn't set up: it runs before each command, and devlatch is neither on the PATH nor a dependency here. " +
      "Install it (npm install -g devlatch, or npm install -D devlatch), then run devlatch init again.",
  ];
}

/** The nearest `package.json` from a directory up to the repository, relative to that. */
function packageFile(cwd: string, base: string): string {
  let at = realpathSync(cwd);
  while (at !== base && !existsSync(join(at, "package.json")) && at !== dirname(at)) at = dirname(at);
  return relative(base, join(at, "package.json")).split(sep).join("/");
}

async function configurationOf(base: string, remove: boolean, context: Context) {
  const isThere = existsSync(join(base, configFileName));
  if (remove || isThere) return { part: configurationPart(configFileName, undefined), notes: [] };
  try {
    const view = await context.request("sandbox/describe", { cwd: base });
    const own: SandboxView | undefined = view.root === base ? view : undefined;
    return { part: configurationPart(configFileName, own), notes: [] };
  } catch (error) {
    context.signal.throwIfAborted();
    const { message } = toErrorShape(error);
    const note = `No ${configFileName} is written: what can be started here couldn't be looked at. ${message}`;
    return { part: configurationPart(configFileName, undefined), notes: [note] };
  }
}
