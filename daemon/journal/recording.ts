import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { Event } from "../../shared/base/emitter.ts";
import type { LockEvent } from "../../shared/model/concurrency.ts";
import type { JournalEvent } from "../../shared/model/journal.ts";
import { type LockKind, parseLockKey } from "../../shared/model/keys.ts";
import type { RunRecord } from "../../shared/model/run.ts";
import { isRunLive } from "../../shared/model/run-state.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import type { RunStartResult } from "../../shared/protocol/runs.ts";

/** Where events go: the journal. */
interface Recorder {
  append(event: JournalEvent): void;
}

/** A record was written, or removed (`record` undefined). */
interface RecordChange<R> {
  readonly key: string;
  readonly record: R | undefined;
}

/** What is listened to. */
export interface Recorded {
  readonly sessions: Event<RecordChange<SessionRecord>>;
  readonly runs: Event<RecordChange<RunRecord>>;
  readonly locks: Event<LockEvent>;
}

/** A wait for a lock that is worth an entry, in milliseconds. */
const longWaitMs = 5_000;
/**
 * Locks that stand for something a user did. Those for upkeep come every minute; only what goes wrong with them counts.
 */
const telling: Readonly<Record<LockKind, boolean>> = {
  dev_server_start: true,
  run: true,
  sandbox_pool: false,
  sandbox_ports: false,
};

/**
 * Writes what happens to sessions, runs and locks into the journal. Begun before the records are read, so that what a
 * daemon finds out when it starts is there too; states that are older than this daemon are not news.
 * @param startedAt when this daemon began, in milliseconds since the epoch
 */
export function recordChanges(recorded: Recorded, journal: Recorder, startedAt: number): Disposable {
  const scope = new Scope();
  const news = new News(startedAt);
  scope.add(
    recorded.sessions(({ key, record }) => {
      if (!record) return news.forget(key);
      const { sandboxId, session, state } = record;
      if (news.isNew(key, `${state.kind} ${record.startedAt}`, state.since))
        journal.append({ kind: "session", sandboxId, session, state });
    }),
  );
  scope.add(
    recorded.runs(({ key, record }) => {
      if (!record) return news.forget(`run ${key}`);
      const { hosting, state } = record;
      const isNews = news.isNew(`run ${key}`, `${isRunLive(state)} ${hosting.launchId}`, state.since);
      const event = isNews ? endOfRun(record) : undefined;
      if (event) journal.append(event);
    }),
  );
  scope.add(
    recorded.locks((event) => {
      for (const entry of lockEntries(event)) journal.append(entry);
    }),
  );
  return scope;
}

/** What came of a call for a run. Its end is told by the record. */
export function callOfRun({ outcome, run }: RunStartResult): JournalEvent {
  const { sandboxId, session, key, command } = run;
  const change = outcome === "executed" ? { kind: outcome, command } : { kind: outcome };
  return { kind: "run", sandboxId, session, key, change };
}

/** The states last seen. */
class News {
  readonly #startedAt: number;
  readonly #last = new Map<string, string>();

  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  isNew(key: string, state: string, since: number): boolean {
    const before = this.#last.get(key);
    this.#last.set(key, state);
    return before === undefined ? since >= this.#startedAt : before !== state;
  }

  forget(key: string): void {
    this.#last.delete(key);
  }
}

function endOfRun({ sandboxId, session, key, state }: RunRecord): JournalEvent | undefined {
  const run = { kind: "run", sandboxId, session, key } as const;
  switch (state.kind) {
    case "finished":
      return { ...run, change: { kind: "ended", exit: state.exit, exitCode: state.exitCode } };
    case "cancelled":
      return { ...run, change: { kind: "cancelled", exitCode: state.exitCode } };
    case "failed":
      return { ...run, change: { kind: "failed", message: state.error.message } };
    default:
      return undefined;
  }
}

/** What of a lock's event is worth an entry: nothing that comes with every renewal, sweep or refused attempt. */
export function lockEntries(event: LockEvent): readonly JournalEvent[] {
  const { key, owner } = event;
  const lock = { kind: "lock", key, owner } as const;
  const kind = parseLockKey(key)?.kind;
  const isTelling = kind !== undefined && telling[kind];
  switch (event.kind) {
    case "granted": {
      const { fence, waitMs } = event;
      const waited: JournalEvent[] =
        waitMs < longWaitMs ? [] : [{ ...lock, change: { kind: "waited", waitMs } }];
      return isTelling ? [...waited, { ...lock, change: { kind: "granted", fence, waitMs } }] : waited;
    }
    case "released": {
      const { fence, holdMs } = event;
      return isTelling ? [{ ...lock, change: { kind: "released", fence, holdMs } }] : [];
    }
    case "lost":
      return [{ ...lock, change: { kind: "lost", fence: event.fence, holdMs: event.holdMs } }];
    case "failed": {
      const { waitMs, code } = event;
      return waitMs < longWaitMs ? [] : [{ ...lock, change: { kind: "waited", waitMs, code } }];
    }
    default:
      return [];
  }
}
