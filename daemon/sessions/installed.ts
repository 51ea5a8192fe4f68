import type { AppPlan } from "../../shared/model/app.ts";
import type { Workspace } from "../detect/workspace.ts";
import { notInstalled } from "./exited-early.ts";

/**
 * Makes sure that a script which calls a framework's program would find it: among the package's dependencies, where those
 * are installed.
 * @throws DevlatchError `COMMAND_NOT_FOUND`
 */
export async function requireInstalled(
  { app, cwd, script, framework }: Pick<AppPlan, "app" | "cwd" | "script" | "framework">,
  workspace: Pick<Workspace, "missingModules">,
): Promise<void> {
  if (script === undefined || framework === undefined) return;
  const missing = await workspace.missingModules(cwd);
  if (missing === undefined || (missing.names !== undefined && !missing.names.includes(framework))) return;
  throw notInstalled(app, missing);
}
