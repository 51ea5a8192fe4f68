import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import {
  isLive,
  type SessionRecord,
  type SessionView,
  sessionKey,
  toSessionView,
} from "../../shared/model/session.ts";
import type { Holders } from "../holders/holders.ts";
import type { Builds } from "../output/builds.ts";
import type { ShownResources } from "../resources/shown.ts";
import type { Parts } from "./parts.ts";

type Published = Pick<Parts, "hub" | "sessions" | "locks" | "monitor" | "health" | "log"> & {
  readonly shown: ShownResources;
  readonly holders: Holders;
  readonly builds: Builds;
};

/** Turns what changes in the parts into deltas for clients. */
export function publishChanges(parts: Published): Disposable {
  const scope = new Scope();
  const { hub, sessions, shown, builds, health } = parts;
  const lastState = new Map<string, string>();
  scope.add(
    sessions.registry.onChanged(({ key, record }) => {
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
    const record = sessions.registry.peek(key);
    if (record) hub.publish({ kind: "session", session: viewOf(record, parts) });
  };
  scope.add(shown.onChanged(show));
  scope.add(builds.onChanged(show));
  scope.add(health.onChanged((report) => hub.publish({ kind: "health", health: report })));
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
  const { hub, sessions, holders, log } = parts;
  scope.add(
    holders.onChanged((key) => {
      const record = sessions.registry.peek(key);
      if (record && isLive(record.state)) hub.publish({ kind: "session", session: viewOf(record, parts) });
    }),
  );
  scope.add(
    sessions.registry.onChanged(({ record }) => {
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
        .then((list) => hub.publish({ kind: "locks", locks: [...list] }))
        .catch((error: unknown) => log.debug({ err: error }, "locks can't be listed"));
    }),
  );
}

/** A session as clients see it, with who uses it and what its running launch uses. */
export function viewOf(
  record: SessionRecord,
  { shown, holders, builds }: Pick<Published, "shown" | "holders" | "builds">,
): SessionView {
  const { sandboxId, app, hosting } = record;
  const launchId = hosting?.kind === "hosted" ? hosting.launchId : undefined;
  const view = toSessionView(record, holders.of(record), shown.of(sessionKey(sandboxId, app), launchId));
  const build = builds.of(record);
  return build ? { ...view, build } : view;
}
