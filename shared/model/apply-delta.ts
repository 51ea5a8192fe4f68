import { sessionKey } from "./keys.ts";
import type { Delta, Snapshot } from "./snapshot.ts";

/** The snapshot after a delta. The caller has checked that the revisions follow each other. */
export function applyDelta(snapshot: Snapshot, delta: Delta): Snapshot {
  const next = { ...snapshot, revision: delta.revision };
  const { change } = delta;
  switch (change.kind) {
    case "session": {
      const key = sessionKey(change.session);
      return { ...next, sessions: [...without(snapshot, key), change.session] };
    }
    case "session-removed":
      return { ...next, sessions: without(snapshot, change.key) };
    case "locks":
      return { ...next, locks: change.locks, locksAt: change.at };
    case "health":
      return { ...next, health: change.health };
    case "concurrency":
      return { ...next, concurrency: change.concurrency };
    case "alerts":
      return { ...next, alerts: change.alerts };
  }
}

function without(snapshot: Snapshot, key: string) {
  return snapshot.sessions.filter((session) => sessionKey(session) !== key);
}
