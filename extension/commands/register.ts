import * as vscode from "vscode";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { type CommandName, commands } from "../contributions/commands.ts";
import type { Services } from "./services.ts";

/** Registers every command. What they do is loaded with the first that is used. */
export function registerCommands(services: Services): Disposable {
  const scope = new Scope();
  for (const name of Object.keys(commands) as CommandName[]) {
    const run = async (argument: unknown) => {
      const { runCommand } = await import("./handlers.ts");
      return runCommand(name, argument, services);
    };
    scope.add(vscode.commands.registerCommand(commands[name].id, run));
  }
  return scope;
}
