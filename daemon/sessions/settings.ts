import { differingVariables } from "../../shared/base/value-digest.ts";
import type { AppPlan } from "../../shared/model/app.ts";
import type { LaunchSettings, SessionRecord } from "../../shared/model/session.ts";
import type { Target } from "./target.ts";

/** What a start asks for, in the form reuse compares; the record has digests of the values (`valueDigests`). */
export function settingsOf(plan: AppPlan): LaunchSettings {
  return { command: [...plan.command], cwd: plan.cwd, env: { ...plan.env }, port: plan.port };
}

/** What of a running session is compared. */
export type Running = Pick<SessionRecord, "settings" | "asked" | "state">;

/**
 * How a running session, as its record has it, differs from what a caller asks for, in words; empty means it can be reused.
 * What the running one was given by its caller's flags is no matter to one who gives none: only the caller's own flags
 * count, and what configuration and detection say by now. The caller's terminal variables don't count at all.
 */
export function differences(running: Running, target: Pick<Target, "plan" | "asked">): readonly string[] {
  return [
    ...commandDiffers(running, target),
    ...portDiffers(running, target),
    ...envDiffers(running, target),
  ];
}

/** Whether the running one has a command that this caller, who names none, didn't ask for. */
function wasOtherwise(running: Running, { asked }: Pick<Target, "asked">): boolean {
  return asked.command === undefined && running.asked?.command !== undefined;
}

function commandDiffers(running: Running, target: Pick<Target, "plan" | "asked">): readonly string[] {
  if (wasOtherwise(running, target)) return [];
  const { settings } = running;
  const { cwd, command } = target.plan;
  const found: string[] = [];
  if (settings.cwd !== cwd) found.push(`it runs in ${settings.cwd}, not in ${cwd}`);
  if (JSON.stringify(settings.command) !== JSON.stringify(command)) {
    found.push(`it runs \`${settings.command.join(" ")}\`, not \`${command.join(" ")}\``);
  }
  return found;
}

function portDiffers(
  { settings, asked: before, state }: Running,
  { plan, asked }: Pick<Target, "plan" | "asked">,
): readonly string[] {
  const { port: given, wish } = settings;
  const uses = state.kind === "ready" ? state.port : given;
  if (plan.portOrigin !== "asked" || plan.port === given || plan.port === uses) return [];
  const said = [`it uses port ${uses}, not ${plan.port}`];
  // One who asked for a port and was given the next one has what there was.
  if (asked.port !== undefined) return before?.port === asked.port ? [] : said;
  if (wish !== undefined && (plan.configuredPort ?? wish.configured) !== undefined) {
    if (wish.configured === plan.configuredPort) return [];
    return [`devlatch.json has port ${plan.configuredPort} for it by now, not ${wish.configured ?? "none"}`];
  }
  return before?.port !== undefined || plan.port === wish?.port ? [] : said;
}

/** Values may be secrets: only names are shown. */
function envDiffers(running: Running, target: Pick<Target, "plan" | "asked">): readonly string[] {
  const before = running.settings.env;
  const wished = target.plan.env;
  const names = differingVariables(before, wished);
  const counting = wasOtherwise(running, target)
    ? names.filter((name) => Object.hasOwn(wished, name) && !assignedIn(running.asked?.command, name))
    : names;
  return counting.map((name) => `environment variable ${name} differs`);
}

/** Whether a command as typed begins with an assignment of this variable. */
function assignedIn(command: readonly string[] = [], name: string): boolean {
  const end = command.findIndex((word) => !/^\w+=/.test(word));
  return command.slice(0, end < 0 ? undefined : end).some((word) => word.startsWith(`${name}=`));
}
