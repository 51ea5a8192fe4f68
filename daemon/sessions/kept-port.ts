import type { SessionRecord } from "../../shared/model/session.ts";
import { isActive } from "../../shared/model/session-state.ts";
import type { Target } from "./target.ts";

/**
 * The port that a server has, and should have again when it is restarted: one that it was given, or took by itself because its
 * own was taken. Undefined where it takes the same one anyway, where another is asked for, or where the configuration
 * has another by now.
 */
export function keptPort(record: SessionRecord | undefined, { plan, asked }: Target): number | undefined {
  if (record === undefined || asked.port !== undefined || !isActive(record.state)) return undefined;
  const { state, settings, hosting } = record;
  const real = state.kind === "ready" ? state.port : settings.port;
  // What was started by hand was told its port by hand, whatever the configuration says.
  if (hosting?.kind === "adopted") return real !== plan.port && canBeTold(plan) ? real : undefined;
  if (hosting === undefined || settings.wish?.configured !== plan.configuredPort) return undefined;
  // One that was told a port and listens elsewhere isn't told again by anything here.
  if (settings.told) return real === settings.port ? real : undefined;
  const moved = state.kind === "ready" && real !== plan.port && plan.portOrigin !== "asked";
  return moved && canBeTold(plan) ? real : undefined;
}

/** Whether a port reaches it: by a flag, or in `PORT`, which it is told wherever its port is asked for. */
function canBeTold({ portArguments = [], portOrigin }: Target["plan"]): boolean {
  return portArguments.length > 0 || portOrigin === "asked";
}
