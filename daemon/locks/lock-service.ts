import { runWithDeadline } from "../../shared/base/deadline.ts";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import { DevlatchError, hasCode, toErrorShape } from "../../shared/base/errors.ts";
import { randomToken } from "../../shared/base/token.ts";
import type { LockEvent } from "../../shared/model/concurrency.ts";
import type { LockView } from "../../shared/model/lock.ts";
import type { LockRequest, LockStore } from "../store/store.ts";
import { Heartbeat } from "./heartbeat.ts";
import { type Grant, HeldLock } from "./held-lock.ts";
import { holderOf, runAs } from "./holder.ts";
import { Leftovers } from "./leftovers.ts";
import { type Acquired, Queue } from "./queue.ts";

/** Finds locks whose owner is dead. */
export interface DeadOwnerLook {
  /** Frees what owners that are surely dead hold. Never rejects. @returns whether there was any */
  free(): Promise<boolean>;
}

export interface LockServiceOptions {
  /** Names this daemon; every token begins with it, so that a successor can release what it held when it died. */
  readonly instance?: string;
  /** Asked whenever a lock is wanted that is held. Default: no owner is known to be dead. */
  readonly deadOwners?: DeadOwnerLook;
  /** How often a waiter asks again in case its push was lost, in milliseconds. Default 1 s. */
  readonly reaskMs?: number;
  /** How long `close` waits for work under way, in milliseconds. Default 1 s. */
  readonly closeGraceMs?: number;
}

/** How a lock is asked for. */
export interface LockTerms {
  /** Time until the lock expires unless renewed, in milliseconds. It is renewed while the work goes on. */
  readonly ttlMs: number;
  /** How long to wait for it, in milliseconds; 0: not at all. */
  readonly waitMs: number;
  /** Who asks, in words, for people who look at the lock. */
  readonly owner: string;
  /** Identity of the work that asks, for the wait-for graph. Default: that of the work this call is nested in. */
  readonly holder?: string;
  readonly signal?: AbortSignal;
}

/** An attempt as events name it. */
type Attempt = Pick<LockEvent, "key" | "owner" | "holder" | "attempt">;
type Happening = LockEvent extends infer E
  ? E extends LockEvent
    ? Omit<E, keyof Attempt | "at">
    : never
  : never;

/** What the work under a lock is told. */
export interface LockGrant {
  /** Only grows. Write it with everything written under the lock. */
  readonly fence: number;
  /** Aborts with `LOCK_LOST` when the lock may have another owner, or with the caller's reason. The work must stop. */
  readonly signal: AbortSignal;
}

/** What runs work under a lock. */
export type ExclusiveLocks = Pick<LockService, "withLock">;

/** Runs work under locks: waits, renews, fences itself off, releases. One per daemon and store. */
export class LockService implements Disposable {
  readonly #locks: LockStore;
  readonly #instance: string;
  readonly #closeGraceMs: number;
  readonly #owned = new Scope();
  readonly #changed = this.#owned.add(new Emitter<void>());
  readonly #happened = this.#owned.add(new Emitter<LockEvent>());
  readonly #heartbeat: Heartbeat;
  readonly #queue: Queue;
  readonly #leftovers: Leftovers;
  readonly #closing = new AbortController();
  readonly #active = new Set<Promise<unknown>>();
  readonly #held = new Set<Grant>();
  #lastSeen = "";
  #attempts = 0;
  #closed: Promise<void> | undefined;

  constructor(locks: LockStore, options: LockServiceOptions = {}) {
    this.#locks = locks;
    this.#instance = options.instance ?? "";
    this.#closeGraceMs = options.closeGraceMs ?? 1_000;
    this.#heartbeat = this.#owned.add(new Heartbeat(locks));
    this.#queue = this.#owned.add(
      new Queue(locks, options.reaskMs ?? 1_000, () => options.deadOwners?.free() ?? Promise.resolve(false)),
    );
    this.#leftovers = this.#owned.add(new Leftovers(locks));
  }

  /** Fires when the list of locks was changed by this daemon, or was found changed by another. */
  readonly onChanged = this.#changed.event;

  /** Fires for every step of every attempt made through this service. */
  readonly onEvent = this.#happened.event;

  /**
   * Runs `work` while holding the lock, and releases it when the work has settled, not before: work that ignores its
   * signal keeps the lock until it expires.
   * @throws DevlatchError `LOCK_HELD` (waitMs is 0), `DEADLINE`, `LOCK_LOST`, `STORE_UNAVAILABLE`, `CANCELLED` after
   *   disposal; the signal's reason; what the work throws
   */
  withLock<T>(key: string, terms: LockTerms, work: (grant: LockGrant) => Promise<T>): Promise<T> {
    const run = this.#run(key, terms, work);
    this.#active.add(run);
    const forget = () => this.#active.delete(run);
    run.then(forget, forget);
    return run;
  }

  /** Every lock held now, by all daemons. @throws DevlatchError `STORE_UNAVAILABLE` */
  async list(): Promise<readonly LockView[]> {
    const entries = await this.#locks.list();
    const seen = JSON.stringify(entries.map(({ key, fence, waiters }) => [key, fence, waiters]));
    if (seen !== this.#lastSeen) this.#changed.fire();
    this.#lastSeen = seen;
    return entries;
  }

  /**
   * Takes a lock from the owner that holds it with exactly this fence. What that owner does under it is given up at its
   * next renewal; the first waiter gets the lock at once.
   * @returns the lock as it was; undefined if it isn't held with that fence (any more)
   * @throws DevlatchError `STORE_UNAVAILABLE`
   */
  async break(key: string, fence: number): Promise<LockView | undefined> {
    const lock = (await this.#locks.list()).find((entry) => entry.key === key && entry.fence === fence);
    if (!lock || !(await this.#locks.break(key, fence))) return undefined;
    this.#changed.fire();
    return lock;
  }

  /** Ends waiting and work, and releases what is held. Idempotent; never rejects. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  dispose(): void {
    void this.close();
  }

  async #run<T>(key: string, terms: LockTerms, work: (grant: LockGrant) => Promise<T>): Promise<T> {
    const stop = terms.signal ? AbortSignal.any([terms.signal, this.#closing.signal]) : this.#closing.signal;
    const request = { key, token: this.#instance + randomToken(), ttlMs: terms.ttlMs, owner: terms.owner };
    const attempt = { key, owner: terms.owner, holder: holderOf(terms.holder), attempt: ++this.#attempts };
    const acquired = await this.#acquire(request, attempt, terms.waitMs, stop);
    const { fence, sureUntil } = acquired;
    return this.#hold(
      { key, token: request.token, fence, ttlMs: terms.ttlMs, owner: terms.owner },
      attempt,
      sureUntil,
      stop,
      work,
    );
  }

  #tell(attempt: Attempt, happened: Happening): void {
    if (this.#happened.listenerCount > 0) this.#happened.fire({ ...attempt, ...happened, at: Date.now() });
  }

  async #acquire(
    request: LockRequest,
    attempt: Attempt,
    waitMs: number,
    stop: AbortSignal,
  ): Promise<Acquired> {
    const { key, token, ttlMs } = request;
    const begun = performance.now();
    this.#tell(attempt, { kind: "attempt" });
    const queued = () => {
      this.#tell(attempt, { kind: "queued" });
      this.#changed.fire();
    };
    try {
      const acquired = await this.#queue.acquire(request, waitMs, stop, queued);
      this.#tell(attempt, { kind: "granted", fence: acquired.fence, waitMs: performance.now() - begun });
      return acquired;
    } catch (error) {
      this.#tell(attempt, {
        kind: "failed",
        waitMs: performance.now() - begun,
        code: toErrorShape(error).code,
      });
      // A refused request left nothing behind. Not awaited: neither the caller nor a store that is away holds us up.
      if (!hasCode(error, "LOCK_HELD")) {
        void this.#leftovers.add(key, token, waitMs + ttlMs).then(() => this.#changed.fire());
      }
      throw error;
    }
  }

  async #hold<T>(
    grant: Grant,
    attempt: Attempt,
    sureUntil: number,
    stop: AbortSignal,
    work: (grant: LockGrant) => Promise<T>,
  ): Promise<T> {
    const begun = performance.now();
    const ended = (kind: "released" | "lost") =>
      this.#tell(attempt, { kind, fence: grant.fence, holdMs: performance.now() - begun });
    const lock = new HeldLock(grant, sureUntil, () => ended("lost"));
    const renewing = this.#heartbeat.keep(lock);
    this.#held.add(grant);
    this.#changed.fire();
    try {
      const signal = AbortSignal.any([lock.signal, stop]);
      signal.throwIfAborted();
      const result = await runAs(attempt.holder, () => work({ fence: grant.fence, signal }));
      lock.signal.throwIfAborted();
      return result;
    } catch (error) {
      // Whatever the work made of it: that the lock was lost is what the caller must know.
      throw lock.isLost ? lock.signal.reason : error;
    } finally {
      // Sent before the books are kept: a waiter may need it.
      const released = this.#release(grant);
      renewing.dispose();
      lock.dispose();
      this.#held.delete(grant);
      await released;
      if (!lock.isLost) ended("released");
      this.#changed.fire();
    }
  }

  /** Never rejects: the result of the work stands; a release that failed is repeated in the background. */
  async #release({ key, token, ttlMs }: Grant): Promise<void> {
    try {
      await this.#locks.release(key, token);
    } catch {
      void this.#leftovers.add(key, token, ttlMs);
    }
  }

  async #close(): Promise<void> {
    this.#closing.abort(
      new DevlatchError("CANCELLED", "The daemon is shutting down.", "Start it again with the next command."),
    );
    const settled = Promise.allSettled(this.#active);
    await runWithDeadline(this.#closeGraceMs, "Ending work under locks", () => settled).catch(() => {});
    // The process ends next and stubborn work with it; others need not wait for the expiry.
    await Promise.all([...this.#held].map((grant) => this.#release(grant)));
    await this.#leftovers.settled();
    this.#owned.dispose();
  }
}
