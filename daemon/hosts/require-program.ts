import { findProgram } from "../processes/find-program.ts";
import { childEnvironment } from "./environment.ts";

/** A command that is to be run, and where its program is looked for. */
export interface ProgramPlace {
  readonly command: readonly string[];
  readonly cwd: string;
  /** The app's own settings. */
  readonly env: Readonly<Record<string, string>>;
}

/** Makes sure that a host would find the program. @throws DevlatchError `COMMAND_NOT_FOUND` */
export function requireProgram(
  { command: [name = ""], cwd, env }: ProgramPlace,
  callerEnvironment: Readonly<Record<string, string>>,
): void {
  findProgram({ name, cwd, env: childEnvironment(callerEnvironment, env, {}) });
}
