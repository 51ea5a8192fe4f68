import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { type SessionRecord, toSessionView } from "../../shared/model/session.ts";
import type { Parts } from "./parts.ts";

type Published = Pick<Parts, "hub" | "sessions" | "locks" | "monitor" | "health" | "journal" | "log">;

/** Turns what changes in the parts into deltas for clients, and what happens to sessions into entries of the journal. */
export function publishChanges(parts: Published): Disposable {
  const scope = new Scope();
  const { hub, sessions, health } = parts;
  const lastState = new Map<string, string>();
  scope.add(
    sessions.registry.onChanged(({ key, record }) => {
      hub.publish(
        record ? { kind: "session", session: toSessionView(record) } : { kind: "session-removed", key },
      );
      const state = record && `${record.state.kind} ${record.startedAt}`;
      if (state === lastState.get(key)) return;
      if (record && state) {
        lastState.set(key, state);
        write(record, parts);
      } else lastState.delete(key);
    }),
  );
  scope.add(health.onChanged((report) => hub.publish({ kind: "health", health: report })));
  publishLocks(parts, scope);
  return scope;
}

function write({ sandboxId, session, state }: SessionRecord, { journal, health }: Published): void {
  journal.append({ kind: "session", sandboxId, session, state });
  if (state.kind === "ready" || state.kind === "failed" || state.kind === "stopped") health.recheck();
}

function publishLocks({ hub, locks, monitor, health, log }: Published, scope: Scope): void {
  let alerts = "[]";
  scope.add(
    monitor.onChanged((concurrency) => {
      hub.publish({ kind: "concurrency", concurrency: { ...concurrency, events: [] } });
      const now = JSON.stringify(concurrency.alerts);
      if (now !== alerts) health.recheck();
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
