import { differingVariables } from "../../shared/base/value-digest.ts";
import type { AppPlan } from "../../shared/model/app.ts";
import type { LaunchSettings } from "../../shared/model/session.ts";

/** What a start asks for, in the form reuse compares; the record has digests of the values (`valueDigests`). */
export function settingsOf(plan: AppPlan): LaunchSettings {
  return { command: [...plan.command], cwd: plan.cwd, env: { ...plan.env }, port: plan.port };
}

/**
 * How a running session, as its record has it, differs from what a caller asks for, in words; empty means it can be reused. The caller's
 * own terminal variables don't count, only the app's settings.
 */
export function differences(running: LaunchSettings, wished: LaunchSettings): readonly string[] {
  const found: string[] = [];
  if (running.cwd !== wished.cwd) found.push(`it runs in ${running.cwd}, not in ${wished.cwd}`);
  if (JSON.stringify(running.command) !== JSON.stringify(wished.command)) {
    found.push(`it runs \`${running.command.join(" ")}\`, not \`${wished.command.join(" ")}\``);
  }
  if (running.port !== wished.port)
    found.push(`it was asked to use port ${running.port}, not ${wished.port}`);
  // Values may be secrets: only names are shown.
  for (const name of differingVariables(running.env, wished.env)) {
    found.push(`environment variable ${name} differs`);
  }
  return found;
}
