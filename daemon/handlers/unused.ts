import { UnusedStops } from "../holders/unused.ts";
import { forgetHolders } from "./holding.ts";
import type { Parts } from "./parts.ts";

/** Time a server that nobody uses gets beyond its own stop timeout, in milliseconds. */
const stopGraceMs = 30_000;

/** Stops the servers of this machine that are to be stopped when nobody uses them any more. */
export function stopWhenUnused({
  sessions,
  holders,
  cleanups,
  machineId,
  log,
}: Pick<Parts, "sessions" | "holders" | "cleanups" | "machineId" | "log">): UnusedStops {
  return new UnusedStops({
    ...{ holders, machineId, log },
    sessions: sessions.registry,
    now: () => performance.now(),
    stop: async ({ record: { sandboxId, app, stop }, ...request }) => {
      const timeoutMs = stop.timeoutMs + stopGraceMs;
      await sessions.stop({ sandboxId, app, yes: false, timeoutMs, ...request });
      await forgetHolders({ holders, cleanups }, { sandboxId, app });
    },
  });
}
