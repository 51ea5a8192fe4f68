import { formatMs } from "../../shared/base/deadline.ts";
import { type Disposable, every, Scope } from "../../shared/base/disposable.ts";
import type { Event } from "../../shared/base/emitter.ts";
import { DevlatchError, hasCode } from "../../shared/base/errors.ts";
import type { Log } from "../../shared/base/log.ts";
import type { StopWhenUnused } from "../../shared/model/app.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
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
  readonly holders: Pick<Holders, "isHeld" | "confirm">;
  readonly sessions: {
    all(): readonly SessionRecord[];
    readonly onChanged: Event<unknown>;
  };
  readonly stop: (stop: UnusedStop) => Promise<unknown>;
  readonly machineId: string;
  readonly log: Log;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}

/** Longest pause between two looks whether holders live, in milliseconds. */
const lookEveryMs = 5_000;

/** A session that is stopped when it has no holders any more. */
type Watched = SessionRecord & { readonly stopWhenUnused: StopWhenUnused };

/**
 * Stops servers with `stopWhenUnused` a while after their last holder left. The machine that hosts a server stops it;
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
    return this.#dependencies.sessions.all().filter(isWatched);
  }

  #setTimer(): void {
    const watched = this.#watched();
    const shortest = Math.min(lookEveryMs, ...watched.map(({ stopWhenUnused }) => stopWhenUnused.afterMs));
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
      for (const record of this.#watched()) await this.#guarded(record);
    } finally {
      this.#looking = false;
    }
  }

  async #guarded(record: Watched): Promise<void> {
    try {
      await this.#lookAt(record);
    } catch (error) {
      // It could not be stopped: that is tried again a while later.
      const usual =
        this.#scope.disposed || hasCode(error, "CANCELLED") || hasCode(error, "STORE_UNAVAILABLE");
      this.#dependencies.log[usual ? "debug" : "warn"](
        { err: error, session: record.session },
        "an unused server was not stopped",
      );
    }
  }

  async #lookAt(record: Watched): Promise<void> {
    const { holders, machineId, now } = this.#dependencies;
    if (record.hosting?.machineId !== machineId) return holders.confirm(record);
    const key = sessionKey(record);
    if (!isServer(record.state.kind) || (await holders.isHeld(record))) {
      this.#unusedSince.delete(key);
      return;
    }
    const since = this.#unusedSince.get(key) ?? now();
    this.#unusedSince.set(key, since);
    if (now() - since < record.stopWhenUnused.afterMs) return;
    this.#unusedSince.delete(key);
    await this.#stop(record);
  }

  async #stop(record: Watched): Promise<void> {
    const { holders, stop, log } = this.#dependencies;
    const check = async () => {
      if (await holders.isHeld(record)) throw usedAgain(record);
    };
    const reason = `stopped: nobody used it for ${formatMs(record.stopWhenUnused.afterMs)}`;
    await stop({ record, reason, check, signal: this.#ending.signal });
    log.info({ session: record.session, root: record.root }, reason);
  }
}

/** What was started by hand isn't ours to end. */
function isWatched(record: SessionRecord): record is Watched {
  return record.stopWhenUnused !== undefined && record.hosting?.kind === "hosted" && isLive(record.state);
}

/** One that crashed and waits for a change holds as many processes as one that serves. */
function isServer(kind: SessionRecord["state"]["kind"]): boolean {
  return kind === "ready" || kind === "crashed";
}

function usedAgain({ session }: SessionRecord): DevlatchError {
  return new DevlatchError("CANCELLED", `${session} is used again.`, "Nothing to do.");
}
