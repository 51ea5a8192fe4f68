import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { Event } from "../../shared/base/emitter.ts";
import type { Concurrency } from "../../shared/model/concurrency.ts";
import type { HealthReport } from "../../shared/model/health.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import type { Alerts } from "../alerts/alerts.ts";
import { Crashes } from "../alerts/crashes.ts";
import { healthProblems, journalProblems, lockProblems } from "../alerts/problems.ts";
import type { Journal } from "../journal/journal.ts";
import type { RecordChange } from "../store/fenced-records.ts";
import type { Handlers } from "./contract.ts";
import type { Parts } from "./parts.ts";

type AlertMethods =
  | "alerts/list"
  | "alerts/take"
  | "alerts/snooze"
  | "alerts/mute"
  | "alerts/pause"
  | "alerts/resume";

export function alertHandlers({ alerts }: Parts): Pick<Handlers, AlertMethods> {
  return {
    "alerts/list": async () => alerts.board,
    "alerts/take": async ({ id, since }) => ({ taken: alerts.take(id, since) }),
    "alerts/snooze": async ({ id, forMs }) => alerts.snooze(id, forMs),
    "alerts/mute": async ({ kind, muted }) => alerts.mute(kind, muted),
    "alerts/pause": async ({ forMs }, { scope }) =>
      forMs === undefined ? alerts.pauseWhile(scope) : alerts.pause(forMs),
    "alerts/resume": async () => alerts.resume(),
  };
}

/** What says that something is wrong. */
export interface AlertSources {
  readonly sessions: Event<RecordChange<SessionRecord>>;
  readonly concurrency: Event<Concurrency>;
  readonly health: Event<HealthReport>;
  readonly journal: Pick<Journal, "blocked" | "onBlocked">;
  readonly machineId: string;
}

/** Turns what is wrong now into alerts, as it comes and goes. Begun before the records of sessions are read. */
export function raiseAlerts(sources: AlertSources, alerts: Alerts): Disposable {
  const scope = new Scope();
  const crashes = new Crashes(sources.machineId, (id) => alerts.knows(id));
  const failed = new Set<string>();
  scope.add(
    sources.sessions(({ key, record }) => {
      if (record?.state.kind === "failed") failed.add(key);
      else failed.delete(key);
      crashes.observe(key, record);
      alerts.report("sessions", crashes.problems);
    }),
  );
  scope.add(sources.concurrency((concurrency) => alerts.report("locks", lockProblems(concurrency.alerts))));
  scope.add(sources.health((report) => alerts.report("health", healthProblems(report, failed.size > 0))));
  const reportJournal = () => alerts.report("journal", journalProblems(sources.journal.blocked));
  scope.add(sources.journal.onBlocked(reportJournal));
  reportJournal();
  return scope;
}
