import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { Event } from "../../shared/base/emitter.ts";
import type { Log } from "../../shared/base/log.ts";
import type { AlertBoard } from "../../shared/model/alert.ts";
import type { Concurrency } from "../../shared/model/concurrency.ts";
import type { HealthComponentName, HealthReport } from "../../shared/model/health.ts";
import type { LockView } from "../../shared/model/lock.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { isLive } from "../../shared/model/session-state.ts";
import type { SnapshotHub } from "./hub.ts";
import { type SessionFacts, viewOf } from "./session-view.ts";

/** Names the session that changed. */
type OfSession = Event<string>;

/** Where changes come from, and the hub that tells clients. */
export interface Published {
  readonly hub: SnapshotHub;
  readonly registry: {
    peek(key: string): SessionRecord | undefined;
    readonly onChanged: Event<{ readonly key: string; readonly record: SessionRecord | undefined }>;
  };
  readonly holders: SessionFacts["holders"] & {
    readonly onChanged: OfSession;
    bringBack(record: SessionRecord): Promise<void>;
  };
  readonly shown: SessionFacts["shown"] & { readonly onChanged: OfSession };
  readonly builds: SessionFacts["builds"] & { readonly onChanged: OfSession };
  readonly locks: { list(): Promise<readonly LockView[]>; readonly onChanged: Event<void> };
  readonly monitor: { readonly onChanged: Event<Concurrency> };
  readonly health: { readonly onChanged: Event<HealthReport>; recheck(component: HealthComponentName): void };
  readonly alerts: { readonly onChanged: Event<AlertBoard> };
  readonly log: Log;
}

/** Turns what changes in the parts into deltas for clients. */
export function publishChanges(parts: Published): Disposable {
  const scope = new Scope();
  const { hub, registry, shown, builds, health, alerts } = parts;
  const lastState = new Map<string, string>();
  scope.add(
    registry.onChanged(({ key, record }) => {
      hub.publish(
        record ? { kind: "session", session: viewOf(record, parts) } : { kind: "session-removed", key },
      );
      const state = record && `${record.state.kind} ${record.startedAt}`;
      if (state === lastState.get(key)) return;
      if (record && state) {
        lastState.set(key, state);
        recheck(record, parts);
      } else lastState.delete(key);
    }),
  );
  const show = (key: string) => {
    const record = registry.peek(key);
    if (record) hub.publish({ kind: "session", session: viewOf(record, parts) });
  };
  scope.add(shown.onChanged(show));
  scope.add(builds.onChanged(show));
  scope.add(health.onChanged((report) => hub.publish({ kind: "health", health: report })));
  scope.add(alerts.onChanged((board) => hub.publish({ kind: "alerts", alerts: board })));
  publishHolders(parts, scope);
  publishLocks(parts, scope);
  return scope;
}

function recheck({ state }: SessionRecord, { health }: Published): void {
  if (state.kind === "ready" || state.kind === "failed" || state.kind === "stopped")
    health.recheck("servers");
}

/** A session that the store gets back gets its holders back. */
function publishHolders(parts: Published, scope: Scope): void {
  const { hub, registry, holders, log } = parts;
  scope.add(
    holders.onChanged((key) => {
      const record = registry.peek(key);
      if (record && isLive(record.state)) hub.publish({ kind: "session", session: viewOf(record, parts) });
    }),
  );
  scope.add(
    registry.onChanged(({ record }) => {
      if (!record || !isLive(record.state)) return;
      holders
        .bringBack(record)
        .catch((error: unknown) => log.debug({ err: error }, "holders can't be brought back"));
    }),
  );
}

function publishLocks({ hub, locks, monitor, health, log }: Published, scope: Scope): void {
  let alerts = "[]";
  scope.add(
    monitor.onChanged((concurrency) => {
      hub.publish({ kind: "concurrency", concurrency: { ...concurrency, events: [] } });
      const now = JSON.stringify(concurrency.alerts);
      if (now !== alerts) health.recheck("concurrency");
      alerts = now;
    }),
  );
  scope.add(
    locks.onChanged(() => {
      locks
        .list()
        .then((list) => hub.publish({ kind: "locks", locks: [...list], at: Date.now() }))
        .catch((error: unknown) => log.debug({ err: error }, "locks can't be listed"));
    }),
  );
}
