import type { AppPlan } from "../../shared/model/app.ts";
import type { LaunchRequest, SessionRecord } from "../../shared/model/session.ts";
import type { PlanWishes, Workspace } from "../detect/workspace.ts";

/** How long a server that was launched for its users outlives them where no daemon saw the last one go, in milliseconds. */
const unusedAfterMs = 15_000;

/** What is to run, and what its caller asked for. */
export interface Scripted {
  readonly plan: AppPlan;
  readonly asked: LaunchRequest;
}

/**
 * A command that stands in a script (`"dev": "devlatch dev -- next dev"`) is what the app is, not a wish beside that: where
 * the app runs as it is found without the command (`npm run dev`, which comes to the same), that is asked for instead.
 * @param running the session of the app, while it runs
 */
export async function scripted(
  workspace: Pick<Workspace, "plan" | "isSameServer">,
  { command, ...wishes }: PlanWishes,
  { plan, asked }: Scripted,
  running: SessionRecord | undefined,
): Promise<Scripted> {
  if (command === undefined) return { plan, asked };
  const own = await workspace.plan(wishes).catch(() => undefined);
  if (own?.app !== plan.app) return { plan, asked };
  const named = own.member === undefined ? plan : { ...plan, member: own.member };
  if (!running || running.asked?.command !== undefined) return { plan: named, asked };
  const isSame = await workspace.isSameServer(own, plan);
  const { command: _, ...rest } = asked;
  return isSame ? { plan: own, asked: rest } : { plan: named, asked };
}

/** The plan of a server that ends with its last user. */
export function endingUnused(plan: AppPlan): AppPlan {
  return plan.stopWhenUnused ? plan : { ...plan, stopWhenUnused: { afterMs: unusedAfterMs } };
}
