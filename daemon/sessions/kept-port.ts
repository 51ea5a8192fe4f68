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
  if (hosting?.kind !== "hosted" || settings.wish?.configured !== plan.configuredPort) return undefined;
  const real = state.kind === "ready" ? state.port : settings.port;
  // One that was told a port and listens elsewhere isn't told again by anything here.
  if (settings.told) return real === settings.port ? real : undefined;
  const moved = state.kind === "ready" && real !== plan.port && plan.portOrigin !== "asked";
  return moved && (plan.portArguments ?? []).length > 0 ? real : undefined;
}
