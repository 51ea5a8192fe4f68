import * as vscode from "vscode";
import type { Disposable } from "../../shared/base/disposable.ts";
import type { Services } from "../commands/services.ts";
import { taskType } from "../contributions/tasks.ts";

/**
 * Offers a task for each app, which ends when its server is ready: as a `preLaunchTask` a debugger begins then. The
 * server runs on. What makes them is loaded when they are asked for.
 */
export function offerTasks(services: Services): Disposable {
  return vscode.tasks.registerTaskProvider(taskType, {
    provideTasks: async () => (await import("./tasks.ts")).tasksOf(services),
    resolveTask: async (task) => (await import("./tasks.ts")).resolved(task, services),
  });
}
