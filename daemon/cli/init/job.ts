import { existsSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { DevlatchError, toErrorShape } from "../../../shared/base/errors.ts";
import { isWithin } from "../../../shared/base/within.ts";
import { configFileName } from "../../../shared/model/config-file-name.ts";
import type { SandboxView } from "../../../shared/model/sandbox.ts";
import type { Context } from "../context.ts";
import { type ClientName, clientNames } from "./client-names.ts";
import { partsFor, type Scope, takenFor } from "./clients.ts";
import { configurationPart } from "./configuration.ts";
import type { FilePart } from "./edit.ts";
import type { Direction } from "./plan.ts";
import type { Reach } from "./program.ts";
import { scriptPart } from "./script-part.ts";
import { foundClients, reachOf, realOr, repositoryOf } from "./surroundings.ts";

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
  const home = realOr(homedir());
  const base = user ? home : repositoryOf(context.cwd, home);
  if (!user && base === home) throw homeIsNoProject(base);
  const own = remove
    ? { parts: takenFor(wishes.agents, scope) }
    : wanted(wishes.agents, base, scope, context);
  const { agents = wishes.agents ?? clientNames, parts, notes = [] } = own;
  const ofProject = user || (remove && wishes.agents) ? noParts : await projectParts(wishes, base, context);
  return {
    ...{ scope, base, agents },
    direction: remove ? "take" : "put",
    parts: [...parts, ...ofProject.parts],
    notes: [...ofProject.notes, ...notes],
  };
}

interface Own {
  readonly agents?: readonly ClientName[];
  readonly parts: readonly FilePart[];
  readonly notes?: readonly string[];
}

/** What goes in for the agents that are named, or found. */
function wanted(named: Wishes["agents"], base: string, scope: Scope, { env }: Context): Own {
  const agents = named ?? foundClients(base, homedir(), scope);
  const reach = reachOf(base, scope, env["PATH"]);
  const none = scope === "user" && agents.length === 0 ? [noAgents] : [];
  return { agents, parts: partsFor(agents, scope, reach), notes: [...notesOf(reach, agents), ...none] };
}

const noAgents = `No agent was found in your home directory. Name one: devlatch init --user --for ${clientNames[0]}`;
const noParts: Required<Pick<Own, "parts" | "notes">> = { parts: [], notes: [] };

/** What a repository has beside what is for agents. */
async function projectParts(
  { remove, script }: Wishes,
  base: string,
  context: Context,
): Promise<typeof noParts> {
  const isConfigured = existsSync(join(base, configFileName));
  const { view, notes } = isConfigured && !remove ? { notes: [] } : await look(base, context);
  const near = packageDirectory(context.cwd, base);
  const all = remove ? [base, near, ...(view?.apps.map(({ cwd }) => cwd) ?? [])] : script ? [near] : [];
  const scripts = [...new Set(all)].filter((one) => isWithin(one, base)).map((one) => scriptIn(one, base));
  const own = view?.root === base && !isConfigured ? view : undefined;
  return { parts: [...scripts, configurationPart(configFileName, own)], notes };
}

/** Asks what can be started here; without an answer it is only less that is known. */
async function look(
  base: string,
  context: Context,
): Promise<{ readonly view?: SandboxView; readonly notes: readonly string[] }> {
  try {
    return { view: await context.request("sandbox/describe", { cwd: base }), notes: [] };
  } catch (error) {
    context.signal.throwIfAborted();
    return { notes: [`What can be started here couldn't be looked at: ${toErrorShape(error).message}`] };
  }
}

/** The nearest directory with a `package.json` from one up to the repository. */
function packageDirectory(cwd: string, base: string): string {
  let at = realpathSync(cwd);
  while (at !== base && !existsSync(join(at, "package.json")) && at !== dirname(at)) at = dirname(at);
  return at;
}

function scriptIn(directory: string, base: string): FilePart {
  return scriptPart(relative(base, join(directory, "package.json")).split(sep).join("/"));
}

function homeIsNoProject(base: string): DevlatchError {
  return new DevlatchError(
    "INVALID_INPUT",
    `${base} is your home directory, and no project.`,
    "Go to a project; for your own agents: devlatch init --user",
  );
}

function scriptOfUser(): DevlatchError {
  return new DevlatchError(
    "INVALID_INPUT",
    "--script is about a repository, and --user about none.",
    "Run devlatch init --script in the repository.",
  );
}

function notesOf(reach: Reach, agents: readonly ClientName[]): readonly string[] {
  if (reach !== "registry" || agents.length === 0) return [];
  return [
    "The guard isn't set up: it runs before each command, and devlatch is neither on the PATH nor a dependency here. " +
      "Install it (npm install -g devlatch, or npm install -D devlatch), then run devlatch init again.",
  ];
}
