import type { AppPlan } from "../../shared/model/app.ts";
import { type Framework, frameworkById } from "./frameworks.ts";
import { readPackageManagerCommand } from "./package-manager-command.ts";
import { findPortFlag } from "./port-flags.ts";
import { portHabits } from "./port-habits.ts";
import { programName } from "./programs.ts";
import { findRunserver } from "./runserver.ts";
import type { RecognisedServer } from "./servers.ts";
import type { PortedCommand } from "./workspace.ts";

/** Stands for the port in a command that has no flag or variable for it. */
export const portPlaceholder = "{port}";

/**
 * The plan's command for one port. A server that takes this port by itself isn't told: several programs may read `PORT`.
 * Where the port was asked for, or is another than the plan's own, `PORT` says it, and the framework's port flag as well:
 * in place of one that is there, else appended so that it gets through the package manager.
 * @param port the port to take: the plan's own, or another one where that is taken
 */
export function applyPort(plan: AppPlan, port: number): PortedCommand {
  if (plan.portOrigin !== "asked" && port === plan.port) {
    return { command: withPlaceholder(plan.command, port), env: {} };
  }
  const framework = plan.framework === undefined ? undefined : frameworkById(plan.framework);
  const variables = ["PORT", ...(framework?.portVariables ?? [])];
  const env = Object.fromEntries(variables.map((name) => [name, String(port)]));
  if (hasPlaceholder(plan.command)) return { command: withPlaceholder(plan.command, port), env };
  const command = withAssignment(plan.command, port);
  // Without a framework `-p` could mean anything (`ssh -p 22`), `--port` hardly.
  const flag = findPortFlag(command, framework?.portFlags ?? ["--port"], 1) ?? findRunserver(command);
  if (flag !== undefined) {
    return { command: command.toSpliced(flag.start, flag.count, ...flag.write(port)), env };
  }
  const args = plan.portArguments ?? derivedArguments(plan.command, framework);
  return { command: args.length === 0 ? command : [...command, ...args, String(port)], env };
}

export function hasPlaceholder(command: readonly string[]): boolean {
  return command.some((word) => word.includes(portPlaceholder));
}

function withPlaceholder(command: readonly string[], port: number): readonly string[] {
  return hasPlaceholder(command)
    ? command.map((word) => word.replaceAll(portPlaceholder, String(port)))
    : command;
}

/** What to append before a port so that this server takes it; empty where that can't be. */
export function portArgumentsOf(server: RecognisedServer): readonly string[] {
  const flag = server.framework?.portFlags[0];
  return flag === undefined || server.argumentPrefix === undefined ? [] : [...server.argumentPrefix, flag];
}

/**
 * Why a server can't be given another port than its own, in words that follow "because"; undefined where it can, or where
 * that can't be known.
 */
export function whyFixed(command: readonly string[], server: RecognisedServer): string | undefined {
  const { framework, port, script } = server;
  if (hasPlaceholder(command) || portArgumentsOf(server).length > 0) return undefined;
  if (findRunserver(command) !== undefined) return undefined;
  if (findPortFlag(command, framework?.portFlags ?? ["--port"], 1) !== undefined) return undefined;
  const where = script === undefined ? "its command" : `the script "${script}"`;
  if (port !== undefined && !setsByAssignment(command)) return `${where} sets port ${port} itself`;
  if (framework === undefined || portHabits(framework.id).heedsVariable) return undefined;
  return server.argumentPrefix === undefined
    ? `no flag gets through ${where} to ${framework.id}, which doesn't read PORT`
    : `${framework.id} has no flag for it and doesn't read PORT`;
}

/** For a plan that doesn't say: as far as the command alone shows. */
function derivedArguments(command: readonly string[], framework: Framework | undefined): readonly string[] {
  const [program = "", ...args] = command;
  const managed = readPackageManagerCommand(programName(program), args);
  const flag = framework?.portFlags[0];
  if (flag === undefined || managed?.kind === "shell") return [];
  return [...(managed?.separator ?? []), flag];
}

const assigners = new Set(["env", "cross-env", "cross-env-shell", "dotenv"]);
const assignment = /^PORT=\d+$/;

/** `cross-env PORT=4000 next dev` sets the variable itself: what the environment says is overwritten. */
function withAssignment(command: readonly string[], port: number): readonly string[] {
  if (!setsByAssignment(command)) return command;
  return command.map((word) => (assignment.test(word) ? `PORT=${port}` : word));
}

function setsByAssignment(command: readonly string[]): boolean {
  return assigners.has(programName(command[0] ?? "")) && command.some((word) => assignment.test(word));
}
