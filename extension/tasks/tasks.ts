import "../zod-without-eval.ts";

import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import * as z from "zod";
import { AppName } from "../../shared/model/app.ts";
import type { Services } from "../commands/services.ts";
import { settledState } from "../commands/targets.ts";
import { taskType } from "../contributions/tasks.ts";
import { roleOf, serversOf } from "../state/servers.ts";
import { StartTerminal } from "./start-terminal.ts";

const Definition = z.object({ type: z.literal(taskType), app: AppName });

/** A task for each app that has something to start. */
export async function tasksOf(services: Services): Promise<vscode.Task[]> {
  // The editor asks by itself, too: that brings no daemon back which was stopped. A task that is run does.
  const { connection, state: known } = services;
  const isAway = connection.link.kind === "disconnected";
  const state = isAway ? known.current : await settledState(services).catch(() => known.current);
  return serversOf(state)
    .filter((server) => roleOf(server) !== "external")
    .map(({ app, cwd }) => {
      const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.fsPath === cwd);
      const task = taskFor({ type: taskType, app }, folder ?? vscode.TaskScope.Workspace, app, services);
      task.detail = t("Starts it, or reuses what runs; done when it is ready");
      return task;
    });
}

/** A task as `tasks.json` names it; its terminal is the one thing missing. */
export function resolved(
  { definition, scope, name }: vscode.Task,
  services: Services,
): vscode.Task | undefined {
  const known = Definition.safeParse(definition).data;
  return known && taskFor(known, scope ?? vscode.TaskScope.Workspace, name, services);
}

function taskFor(
  definition: z.infer<typeof Definition>,
  scope: vscode.WorkspaceFolder | vscode.TaskScope,
  name: string,
  services: Services,
): vscode.Task {
  const cwd = typeof scope === "object" ? scope.uri.fsPath : undefined;
  const target = { app: definition.app, ...(cwd === undefined ? {} : { cwd }) };
  const execution = new vscode.CustomExecution(async () => new StartTerminal(target, services));
  const task = new vscode.Task(definition, scope, name, taskType, execution, []);
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Silent };
  return task;
}
