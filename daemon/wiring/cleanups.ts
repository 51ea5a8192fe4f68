import type { CleanupTask } from "../../shared/model/cleanup.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import { isRunLive } from "../../shared/model/run-state.ts";
import { isActive } from "../../shared/model/session-state.ts";
import type { Holders } from "../holders/holders.ts";
import type { DeadOwners } from "../locks/dead-owners.ts";
import type { RunService } from "../runs/service.ts";
import type { Sandboxes } from "../sandboxes/service.ts";
import type { SessionService } from "../sessions/service.ts";

/** Who does what is left of a cleanup. */
interface Performers {
  readonly sessions: SessionService;
  readonly runs: RunService;
  readonly sandboxes: Sandboxes;
  readonly holders: Holders;
  readonly deadOwners: Pick<DeadOwners, "release">;
}

/**
 * Does what is left of a cleanup. What has come into use meanwhile is left alone.
 * @throws DevlatchError why it can't be done (yet)
 */
export async function performCleanup(
  parts: Performers,
  task: CleanupTask,
  signal: AbortSignal,
): Promise<void> {
  switch (task.kind) {
    case "end-launch": {
      const runs = parts.runs.list();
      if (runs.some(({ hosting, state }) => hosting.launchId === task.launchId && isRunLive(state))) return;
      return parts.sessions.endLaunch(task, signal);
    }
    case "free-locks":
      return parts.deadOwners.release(task.instance);
    case "tidy-pool":
      return parts.sandboxes.tidy(task.poolId, signal);
    case "forget-holders": {
      // The one who started it again holds it. Read afresh: this daemon may not know yet what runs.
      const record = await parts.sessions.registry.read(sessionKey(task));
      return record && isActive(record.state) ? undefined : parts.holders.forget(task);
    }
  }
}
