import { withDeadline } from "../../shared/base/deadline.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { Flight, type Progress } from "../../shared/base/flight.ts";
import { type SessionPlace, sessionKey, sessionOf, startLockKey } from "../../shared/model/keys.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import type { StartResult } from "../../shared/protocol/methods.ts";
import type { LockGrant } from "../locks/lock-service.ts";
import type { SessionDependencies } from "./dependencies.ts";

/** What came of a start. */
export interface Landed {
  readonly outcome: StartResult["outcome"];
  readonly record: SessionRecord;
  /** What the caller whose flight it was should know, in words. */
  readonly notice?: string;
}

/** What is done under the start lock. */
type Work = (grant: LockGrant, progress: Progress) => Promise<Landed>;

/** Expiry of the start lock unless renewed, in milliseconds. */
export const startLockTtlMs = 60_000;
/** Longest wait for it, in milliseconds. */
const lockWaitMs = 30 * 60_000;

/** A wait for the lock that is longer than this is told to those who wait, in milliseconds. */
const worthSayingMs = 250;

/** The starts under way in this daemon, one a session at most: each under the session's start lock. */
export class StartFlights {
  readonly #locks: SessionDependencies["locks"];
  readonly #flights = new Map<string, Flight<Landed>>();
  readonly #begun = new Emitter<string>();
  /** Fires with the key of a session whose start begins. */
  readonly onBegun = this.#begun.event;

  constructor(locks: SessionDependencies["locks"]) {
    this.#locks = locks;
  }

  get(key: string): Flight<Landed> | undefined {
    return this.#flights.get(key);
  }

  has(key: string): boolean {
    return this.#flights.has(key);
  }

  /** Begins a start. There is none of this session under way. */
  begin({ sandboxId, app }: SessionPlace, work: Work): Flight<Landed> {
    const key = sessionKey({ sandboxId, app });
    const owner = `daemon ${process.pid}, starting ${app}`;
    const flight = new Flight<Landed>(async (signal, progress) => {
      const tell = () => void this.#tellWhoHolds(startLockKey({ sandboxId, app }), progress);
      const waiting = setTimeout(tell, worthSayingMs);
      try {
        const options = { ttlMs: startLockTtlMs, waitMs: lockWaitMs, owner, signal };
        return await this.#locks.withLock(startLockKey({ sandboxId, app }), options, (grant) => {
          clearTimeout(waiting);
          return work({ fence: grant.fence, signal: AbortSignal.any([signal, grant.signal]) }, progress);
        });
      } finally {
        clearTimeout(waiting);
        if (this.#flights.get(key) === flight) this.#flights.delete(key);
      }
    });
    this.#flights.set(key, flight);
    this.#begun.fire(key);
    return flight;
  }

  /** Never rejects: who can't be named is waited for all the same. */
  async #tellWhoHolds(key: string, progress: Progress): Promise<void> {
    const locks = await this.#locks.list().catch(() => []);
    const owner = locks.find((one) => one.key === key)?.owner;
    progress("locking", owner === undefined ? "Waiting for its turn" : `Waiting for ${owner}`);
  }

  /**
   * Waits for one until its command runs only: the caller is done with it then, and may be gone. Its time alone ends it.
   * @param timeoutMs of the caller
   * @returns what came of it where it is over already
   * @throws DevlatchError what it fails with by then; the signal's reason
   */
  async untilSpawned(
    flight: Flight<Landed>,
    key: string,
    { timeoutMs, progress }: { readonly timeoutMs: number; readonly progress: Progress },
    signal: AbortSignal,
  ): Promise<Landed | undefined> {
    const ownTime = withDeadline(timeoutMs, `Starting ${sessionOf(key).app}`);
    const landing = flight.join(abortsUntil(flight.spawned, signal, ownTime), progress);
    landing.catch(() => {});
    await flight.spawned;
    // Over already? Then its outcome, or its error, is the answer.
    return this.#flights.get(key) === flight ? undefined : landing;
  }

  /** Ends a start under way, e.g. because a stop was asked for. @returns when it has cleaned up */
  async abort(key: string): Promise<void> {
    await this.#flights
      .get(key)
      ?.abort(
        new DevlatchError("CANCELLED", "The start was cancelled by a stop.", "Start it again when you like."),
      );
  }
}

/** Aborts with `signal` until the promise is settled, and with `always` at any time. */
function abortsUntil(settled: Promise<unknown>, signal: AbortSignal, always: AbortSignal): AbortSignal {
  const following = new AbortController();
  const follow = () => following.abort(signal.reason);
  signal.addEventListener("abort", follow);
  if (signal.aborted) follow();
  void settled.finally(() => signal.removeEventListener("abort", follow));
  return AbortSignal.any([following.signal, always]);
}
