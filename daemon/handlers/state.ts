import { recogniseServers } from "./by-hand.ts";
import type { Handlers } from "./contract.ts";
import { welcomeBack } from "./holding.ts";
import type { Parts } from "./parts.ts";
import { runViews } from "./runs.ts";

type StateMethods = "state/subscribe" | "daemon/status" | "daemon/stop";

export function stateHandlers(parts: Parts): Pick<Handlers, StateMethods> {
  return {
    "state/subscribe": async ({ since }, call) => {
      const { scope, notify } = call;
      scope.add(parts.holders.watch());
      await parts.holders.dropEnded();
      await welcomeBack(parts, call);
      // Subscribed and answered in one turn: no delta falls between the snapshot and the subscription.
      scope.add(parts.hub.onDelta((delta) => notify("state/delta", delta)));
      const deltas = since && parts.hub.since(since);
      return deltas
        ? { kind: "deltas", deltas: [...deltas] }
        : { kind: "snapshot", snapshot: parts.hub.snapshot };
    },

    "daemon/status": async ({ cwd }) => {
      if (cwd !== undefined) await recogniseServers(parts, cwd);
      await parts.holders.dropEnded();
      const { sessions, locks, health } = parts.hub.snapshot;
      const { alerts } = parts.alerts.board;
      const cleanups = parts.cleanups.list().filter(({ failures }) => failures > 0);
      const runs = runViews(parts.runs.list());
      return { daemon: parts.daemon(), sessions, locks, health, runs, alerts: [...alerts], cleanups };
    },

    "daemon/stop": async () => {
      parts.shutDown();
      return {};
    },
  };
}
