import type { AppPlan } from "../../shared/model/app.ts";
import { type Framework, frameworkById } from "./frameworks.ts";
import { readPackageManagerCommand } from "./package-manager-command.ts";
import { findPortFlag } from "./port-flags.ts";
import { programName } from "./programs.ts";
import type { RecognisedServer } from "./servers.ts";
import type { PortedCommand } from "./workspace.ts";

/**
 * The plan's command for one port. `PORT` always says it. Where the server wouldn't take this port by itself, the
 * framework's port flag says it as well: in place of one that is there, else appended so that it gets through the
 * package manager.
 * @param port the port to take: the plan's own, or another one where that is taken
 */
export function applyPort(plan: AppPlan, port: number): PortedCommand {
  const framework = plan.framework === undefined ? undefined : frameworkById(plan.framework);
  const variables = ["PORT", ...(framework?.portVariables ?? [])];
  const env = Object.fromEntries(variables.map((name) => [name, String(port)]));
  if (!plan.portExplicit && port === plan.port) return { command: plan.command, env };
  const command = withAssignment(plan.command, port);
  // Without a framework `-p` could mean anything (`ssh -p 22`), `--port` hardly.
  const flag = findPortFlag(command, framework?.portFlags ?? ["--port"], 1);
  if (flag !== undefined) {
    return { command: command.toSpliced(flag.start, flag.count, ...flag.write(port)), env };
  }
  const args = plan.portArguments ?? derivedArguments(plan.command, framework);
  return { command: args.length === 0 ? command : [...command, ...args, String(port)], env };
}

/** What to append before a port so that this server takes it; empty where that can't be. */
export function portArgumentsOf(server: RecognisedServer): readonly string[] {
  const flag = server.framework?.portFlags[0];
  return flag === undefined || server.argumentPrefix === undefined ? [] : [...server.argumentPrefix, flag];
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

/** `cross-env PORT=4000 next dev` sets the variable itself: what the environment says is overwritten. */
function withAssignment(command: readonly string[], port: number): readonly string[] {
  if (!assigners.has(programName(command[0] ?? ""))) return command;
  return command.map((word) => (/^PORT=\d+$/.test(word) ? `PORT=${port}` : word));
}
