import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { Event } from "../../shared/base/emitter.ts";
import type { Concurrency } from "../../shared/model/concurrency.ts";
import type { HealthReport } from "../../shared/model/health.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import type { Alerts } from "./alerts.ts";
import { Crashes } from "./crashes.ts";
import { healthProblems, journalProblems, lockProblems } from "./problems.ts";
import { SlowStarts } from "./slow-starts.ts";

/** What says that something is wrong. */
export interface AlertSources {
  /** A record was written, or removed. */
  readonly sessions: Event<{ readonly key: string; readonly record: SessionRecord | undefined }>;
  readonly concurrency: Event<Concurrency>;
  readonly health: Event<HealthReport>;
  /** Why the journal can't be written, if it can't. */
  readonly journal: { readonly blocked: string | undefined; readonly onBlocked: Event<void> };
  readonly machineId: string;
}

/** Turns what is wrong now into alerts, as it comes and goes. Begun before the records of sessions are read. */
export function raiseAlerts(sources: AlertSources, alerts: Alerts): Disposable {
  const scope = new Scope();
  const crashes = new Crashes(sources.machineId, (id) => alerts.knows(id));
  const slow = scope.add(new SlowStarts(sources.machineId));
  const failed = new Set<string>();
  scope.add(
    sources.sessions(({ key, record }) => {
      if (record?.state.kind === "failed") failed.add(key);
      else failed.delete(key);
      crashes.observe(key, record);
      alerts.report("sessions", crashes.problems);
      slow.observe(key, record);
      alerts.report("starts", slow.problems);
    }),
  );
  scope.add(slow.onChanged(() => alerts.report("starts", slow.problems)));
  scope.add(sources.concurrency((concurrency) => alerts.report("locks", lockProblems(concurrency.alerts))));
  scope.add(sources.health((report) => alerts.report("health", healthProblems(report, failed.size > 0))));
  const reportJournal = () => alerts.report("journal", journalProblems(sources.journal.blocked));
  scope.add(sources.journal.onBlocked(reportJournal));
  reportJournal();
  return scope;
}
