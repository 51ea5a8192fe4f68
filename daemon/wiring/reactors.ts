import type { Scope } from "../../shared/base/disposable.ts";
import { UnusedStops } from "../holders/unused.ts";
import { type LimitedServers, stopWhenTooLarge } from "../resources/stop-too-large.ts";
import { restartWhenDue } from "../servers/due-restarts.ts";
import { isVisited } from "../sessions/ports.ts";
import type { SnapshotHub } from "../snapshot/hub.ts";
import { publishChanges } from "../snapshot/publish.ts";
import type { Base } from "./base.ts";
import type { Services } from "./services.ts";
import type { UseCases } from "./use-cases.ts";
import type { Watchers } from "./watchers.ts";

/**
 * What happens by itself: clients are told, servers are stopped that grow too large or go unused, and started again.
 */
export function createReactors(
  base: Base,
  services: Services,
  watchers: Watchers,
  useCases: UseCases,
  hub: SnapshotHub,
  scope: Scope,
): void {
  const { log, machineId, locks, monitor, processes } = base;
  const { sessions, holders, resources } = services;
  const { registry, restarts } = sessions;
  scope.add(publishChanges({ ...services, ...watchers, hub, registry, locks, monitor, log }));
  const limited = {
    peek: (key: string) => registry.peek(key),
    stop: (...[record, reason, failure]: Parameters<LimitedServers["stop"]>) =>
      sessions.stopUnasked(record, { reason, failure }),
  };
  scope.add(stopWhenTooLarge(limited, resources, log));
  scope.add(
    new UnusedStops({
      ...{ holders, machineId, log, sessions: registry },
      now: () => performance.now(),
      isVisited: (record) => isVisited(record, processes, sessions.trees()),
      stop: async ({ record, ...by }) => {
        await sessions.stopUnasked(record, by);
        await useCases.holding.forget(record);
      },
    }),
  );
  scope.add(restartWhenDue(restarts, useCases.servers, log));
}
