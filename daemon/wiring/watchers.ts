import type { Scope } from "../../shared/base/disposable.ts";
import { Alerts } from "../alerts/alerts.ts";
import { raiseAlerts } from "../alerts/raising.ts";
import { createHealth } from "../health/create.ts";
import { recordChanges } from "../journal/recording.ts";
import { PickUp } from "../lifecycle/pick-up.ts";
import type { Base } from "./base.ts";
import { sessionSources } from "./health-sources.ts";
import type { DaemonOptions, OwnProgram } from "./options.ts";
import type { Services } from "./services.ts";

/** What looks at the services: health, the journal's entries, alerts. */
export type Watchers = ReturnType<typeof createWatchers>;

export function createWatchers(base: Base, services: Services, databaseProgram: OwnProgram, scope: Scope) {
  const { home, log, store, monitor, journal, locks, machineId } = base;
  const { sessions, runs, resources } = services;
  const bornAt = Date.now();
  const ofSessions = sessionSources(sessions, resources, machineId);
  const health = createHealth(
    { ...ofSessions, home, log, store, locks: monitor, journal, databaseProgram },
    scope,
  );
  const changes = { sessions: sessions.registry.onChanged, runs: runs.onChanged, locks: locks.onEvent };
  scope.add(recordChanges(changes, journal, bornAt));
  const alerts = scope.add(new Alerts({ file: home.alertsFile, now: Date.now, log }));
  const concurrency = monitor.onChanged;
  const sources = {
    sessions: changes.sessions,
    concurrency,
    health: health.onChanged,
    journal,
    machineId,
  };
  scope.add(raiseAlerts(sources, alerts));
  return { health, alerts };
}

/** Picks up what runs and finishes what a daemon before this one left. */
export function createPickUp(
  { store, log, deadOwners }: Base,
  { holders, sessions, runs, sandboxes }: Services,
  predecessor: DaemonOptions["predecessor"],
): PickUp {
  const begins = { "other daemons": deadOwners, holders, sessions, runs, sandboxes };
  const first =
    predecessor === undefined
      ? []
      : [{ what: "release", thing: "its locks", run: () => deadOwners.release(predecessor.epoch) }];
  const parts = Object.entries(begins).map(([thing, part]) => ({
    what: "pick up",
    thing,
    run: () => part.begin(),
  }));
  return new PickUp({ store, log, first, parts });
}
