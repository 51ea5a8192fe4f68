import { runWithDeadline } from "../../shared/base/deadline.ts";
import type { DaemonView } from "../../shared/model/daemon.ts";
import { agedBy, type LockView } from "../../shared/model/lock.ts";
import type { Cleanups } from "../cleanup/cleanups.ts";
import type { Callers } from "../holders/callers.ts";
import type { Holders } from "../holders/holders.ts";
import type { LockService } from "../locks/lock-service.ts";
import type { RunService } from "../runs/service.ts";
import { runViews } from "../runs/views.ts";
import type { ByHand } from "../servers/by-hand.ts";
import type { Holding } from "../servers/holding.ts";
import type { SnapshotHub } from "../snapshot/hub.ts";
import type { Handlers } from "./handlers.ts";

/** How long the store is waited for where a status can do without, in milliseconds. */
const locksMs = 500;

type StateMethods = "state/subscribe" | "daemon/status" | "daemon/stop";

/** What the state of everything is read from. */
export interface StateDependencies {
  readonly hub: SnapshotHub;
  readonly locks: Pick<LockService, "list">;
  readonly holders: Holders;
  readonly holding: Holding;
  readonly callers: Callers;
  readonly byHand: ByHand;
  readonly cleanups: Pick<Cleanups, "list">;
  readonly runs: Pick<RunService, "list">;
  readonly daemon: () => DaemonView;
  /** Ends the daemon after the answer has gone out; servers run on. */
  readonly shutDown: () => void;
}

export function stateMethods(parts: StateDependencies): Pick<Handlers, StateMethods> {
  const { hub, holders, holding, callers, byHand } = parts;
  return {
    "state/subscribe": async ({ since }, { client, scope, notify }) => {
      scope.add(holders.watch());
      await holders.dropEnded();
      await holding.welcomeBack(await callers.of(client));
      // Subscribed and answered in one turn: no delta falls between the snapshot and the subscription.
      scope.add(hub.onDelta((delta) => notify("state/delta", delta)));
      const deltas = since && hub.since(since);
      return deltas ? { kind: "deltas", deltas: [...deltas] } : { kind: "snapshot", snapshot: hub.snapshot };
    },

    "daemon/status": async ({ cwd }) => {
      if (cwd !== undefined) await byHand.recognise(cwd);
      await holders.dropEnded();
      const locks = await locksNow(parts);
      const { sessions, health, alerts } = hub.snapshot;
      const cleanups = parts.cleanups.list().filter(({ failures }) => failures > 0);
      const runs = runViews(parts.runs.list());
      return {
        ...{ daemon: parts.daemon(), sessions, locks, health, runs, cleanups },
        alerts: [...alerts.alerts],
      };
    },

    "daemon/stop": async () => {
      parts.shutDown();
      return {};
    },
  };
}

/** Read anew: only the store knows of renewals. While it doesn't answer, as they were last heard of. */
async function locksNow({ locks, hub, daemon }: StateDependencies): Promise<LockView[]> {
  const lastHeard = () => {
    const { locks, locksAt } = hub.snapshot;
    return locks.map((lock) => agedBy(lock, Date.now() - locksAt));
  };
  if (!daemon().store.healthy) return lastHeard();
  return runWithDeadline(locksMs, "Reading the locks", async () => [...(await locks.list())]).catch(
    lastHeard,
  );
}
