import { formatMs } from "../../shared/base/deadline.ts";
import { type Disposable, every, Scope } from "../../shared/base/disposable.ts";
import type { Event } from "../../shared/base/emitter.ts";
import { DevlatchError, hasCode } from "../../shared/base/errors.ts";
import type { Log } from "../../shared/base/log.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { spokenSession } from "../../shared/model/session-names.ts";
import { isLive } from "../../shared/model/session-state.ts";
import type { Holders } from "./holders.ts";

/** How a server without holders is ended. */
export interface UnusedStop {
  readonly record: SessionRecord;
  /** For the server's thread. */
  readonly reason: string;
  /** Asked under the session's lock: what it throws leaves the server running. */
  readonly check: () => Promise<void>;
  readonly signal: AbortSignal;
}

export interface UnusedStopsDependencies {
  readonly holders: Pick<Holders, "isHeld" | "confirm" | "wasUsedByPerson">;
  readonly sessions: {
    all(): readonly SessionRecord[];
    readonly onChanged: Event<unknown>;
  };
  readonly stop: (stop: UnusedStop) => Promise<unknown>;
  /** Whether a program is connected to it that isn't the server's own, e.g. a browser. */
  readonly isVisited: (record: SessionRecord) => Promise<boolean>;
  readonly machineId: string;
  readonly log: Log;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}

/** Longest pause between two looks whether holders live, in milliseconds. */
const lookEveryMs = 5_000;

/** A session that is stopped when it has no holders any more, and how long after that, in milliseconds. */
interface Watched {
  readonly record: SessionRecord;
  readonly afterMs: number;
  /** Whether that holds only as long as no person used it. */
  readonly agentsOnly: boolean;
}

/**
 * Stops servers with `stopWhenUnused` a while after their last holder left, and those that agents alone used with
 * `stopAfterAgents`. The machine that hosts a server stops it;
 * the others confirm their own holders. Without such a server nothing is looked at.
 */
export class UnusedStops implements Disposable {
  readonly #dependencies: UnusedStopsDependencies;
  readonly #scope = new Scope();
  readonly #ending = new AbortController();
  /** When a session was first seen without holders, by key. */
  readonly #unusedSince = new Map<string, number>();
  #timer: Disposable | undefined;
  #intervalMs = 0;
  #looking = false;

  constructor(dependencies: UnusedStopsDependencies) {
    this.#dependencies = dependencies;
    this.#scope.add(dependencies.sessions.onChanged(() => this.#setTimer()));
    this.#scope.defer(() => this.#timer?.dispose());
    this.#scope.defer(() =>
      this.#ending.abort(new DevlatchError("CANCELLED", "The daemon is shutting down.", "Nothing to do.")),
    );
    this.#setTimer();
  }

  dispose(): void {
    this.#scope.dispose();
  }

  #watched(): readonly Watched[] {
    return this.#dependencies.sessions.all().flatMap((record) => watchedOf(record) ?? []);
  }

  #setTimer(): void {
    const watched = this.#watched();
    const shortest = Math.min(lookEveryMs, ...watched.map(({ afterMs }) => afterMs));
    const intervalMs = watched.length > 0 ? shortest : 0;
    if (intervalMs === this.#intervalMs || this.#scope.disposed) return;
    this.#intervalMs = intervalMs;
    this.#timer?.dispose();
    this.#timer = intervalMs > 0 ? every(intervalMs, () => void this.#lookAtAll()) : undefined;
  }

  async #lookAtAll(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      for (const one of this.#watched()) await this.#guarded(one);
    } finally {
      this.#looking = false;
    }
  }

  async #guarded(watched: Watched): Promise<void> {
    try {
      await this.#lookAt(watched);
    } catch (error) {
      // It could not be stopped: that is tried again a while later.
      const usual =
        this.#scope.disposed || hasCode(error, "CANCELLED") || hasCode(error, "STORE_UNAVAILABLE");
      this.#dependencies.log[usual ? "debug" : "warn"](
        { err: error, session: watched.record.session },
        "an unused server was not stopped",
      );
    }
  }

  async #lookAt(watched: Watched): Promise<void> {
    const { record } = watched;
    const { holders, machineId, now } = this.#dependencies;
    if (record.hosting?.machineId !== machineId) return holders.confirm(record);
    const key = sessionKey(record);
    const stays = watched.agentsOnly && holders.wasUsedByPerson(record);
    if (stays || !isServer(record.state.kind) || (await holders.isHeld(record))) {
      this.#unusedSince.delete(key);
      return;
    }
    const since = this.#unusedSince.get(key) ?? now();
    this.#unusedSince.set(key, since);
    if (now() - since < watched.afterMs) return;
    this.#unusedSince.delete(key);
    // A person who only looks at its page holds nothing, and uses it all the same: the time counts anew.
    if (watched.agentsOnly && (await this.#dependencies.isVisited(record))) return;
    await this.#stop(watched);
  }

  async #stop({ record, afterMs, agentsOnly }: Watched): Promise<void> {
    const { holders, stop, log } = this.#dependencies;
    const check = async () => {
      if (await holders.isHeld(record)) throw usedAgain(record);
    };
    const starter = agentsOnly ? `, and ${record.startedBy?.label} had it started` : "";
    const reason = `stopped: no one used it for ${formatMs(afterMs)}${starter}`;
    await stop({ record, reason, check, signal: this.#ending.signal });
    log.info({ session: record.session, root: record.root }, reason);
  }
}

/** What was started by hand isn't ours to end. */
function watchedOf(record: SessionRecord): Watched | undefined {
  const { stopWhenUnused, stopAfterAgents, hosting, state } = record;
  const setting = stopWhenUnused ?? stopAfterAgents;
  if (setting === undefined || hosting?.kind !== "hosted" || !isLive(state)) return undefined;
  return { record, afterMs: setting.afterMs, agentsOnly: stopWhenUnused === undefined };
}

/** One that crashed and waits for a change holds as many processes as one that serves. */
function isServer(kind: SessionRecord["state"]["kind"]): boolean {
  return kind === "ready" || kind === "crashed";
}

function usedAgain({ session }: SessionRecord): DevlatchError {
  return new DevlatchError("CANCELLED", `${spokenSession(session)} is used again.`, "Nothing to do.");
}
