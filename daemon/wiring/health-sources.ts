import type { SessionRecord } from "../../shared/model/session.ts";
import type { HealthSources } from "../health/create.ts";
import { effectiveLimits } from "../resources/breaker.ts";
import type { ResourceSampler } from "../resources/sampler.ts";
import { askServer } from "../sessions/ask.ts";
import type { SessionService } from "../sessions/service.ts";

/** About how often servers are checked, in milliseconds. */
const checkedEveryMs = 5 * 60_000;

/** What the health checks look at of this machine's sessions. */
export function sessionSources(
  sessions: SessionService,
  resources: ResourceSampler,
  machineId: string,
): Pick<HealthSources, "sessions" | "isHere" | "askServer" | "trees" | "used" | "onTreesSampled"> {
  return {
    sessions: () => sessions.registry.all(),
    isHere: ({ hosting }: SessionRecord) => hosting === undefined || hosting.machineId === machineId,
    askServer,
    trees: () =>
      sessions.trees().flatMap(({ key, session }) => {
        const used = resources.latest(key);
        const most = effectiveLimits(sessions.registry.peek(key)?.limits);
        return used === undefined ? [] : [{ key, session, used, most }];
      }),
    used: (key) => resources.recent(key, checkedEveryMs),
    onTreesSampled: resources.onSampled,
  };
}
