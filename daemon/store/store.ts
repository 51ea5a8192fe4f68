import type { Disposable } from "../../shared/base/disposable.ts";
import type { Event } from "../../shared/base/emitter.ts";

/**
 * Where locks and records are kept. Two implementations, one contract test suite over both:
 * `sqlite/` for one machine, `redis/` for work shared between machines and containers.
 *
 * Every method rejects with `STORE_UNAVAILABLE` within a bounded time when the store doesn't answer. Time is the
 * store's own, never a client's clock. Every write is safe to send twice: a client library may resend what was
 * not answered.
 */
export interface Store extends Disposable {
  readonly kind: "sqlite" | "redis";
  readonly locks: LockStore;
  readonly records: RecordStore;
  /** Milliseconds since the epoch by the store's clock, which all daemons on it share. */
  now(): Promise<number>;
  /** One write and one read. @returns the round trip in milliseconds */
  probe(signal: AbortSignal): Promise<number>;
  /** Whether the last exchange with the store succeeded. */
  readonly healthy: boolean;
  readonly onHealthChanged: Event<boolean>;
  /** Ends connections and timers; afterwards every method rejects. */
  close(): Promise<void>;
}

/** What an owner asks a lock with. */
export interface LockRequest {
  /** E.g. `dev_server_start:{sandboxId}:web`. The part in braces keeps a sandbox's keys on one cluster node. */
  readonly key: string;
  /** Random, 128 bits, one per acquisition (see `randomToken`). */
  readonly token: string;
  /** Time until the lock expires unless renewed, in milliseconds. */
  readonly ttlMs: number;
  /** Who asks, in words, for people who look at the lock. */
  readonly owner: string;
}

/** A lock whose life is to be extended. */
export interface Renewal extends Omit<LockRequest, "owner"> {
  readonly owner?: string;
  /** With it, a lock that vanished together with the store's data is written again, if it had no other owner since. */
  readonly fence?: number;
}

export interface RenewalReply {
  readonly lost: readonly string[];
  readonly unknown: readonly string[];
}

export type AcquireReply =
  /** The lock is the caller's. The same token asking again gets the same fence. */
  | { readonly kind: "granted"; readonly fence: number }
  /** Another (`owner`, in words) holds it; the request is queued in the order of arrival, from 1. */
  | { readonly kind: "queued"; readonly position: number; readonly owner: string }
  /** Another holds it, and the request didn't want to wait. */
  | { readonly kind: "refused"; readonly owner: string };

/**
 * Longest time a request that was granted by push owns the lock before it renewed or asked again, in milliseconds:
 * a push that wasn't heard blocks the lock no longer than this.
 */
export const claimWindowMs = 10_000;

/** How long a request that was given up is remembered, in milliseconds: longer than any resend can be late. */
export const cancelMarkMs = 600_000;

/** A lock as the store has it. */
export interface LockEntry {
  readonly key: string;
  readonly owner: string;
  readonly fence: number;
  readonly heldMs: number;
  readonly ttlMs: number;
  readonly waiters: number;
  /** Since the holder was granted the lock or renewed it last, in milliseconds. */
  readonly silentMs: number;
}

/**
 * Exclusive locks with owner token, expiry, queue and fencing token. Fences of a key only grow, also after the
 * store was emptied (they are seeded from the store's clock in microseconds). After a loss of the data that one
 * who asks or renews can know of, a lock is granted again only after the life it is asked with: its owner from before
 * may live, and asserts it by renewing.
 */
export interface LockStore {
  /**
   * Grants the lock if it is free and no request is queued before the caller's, else queues the request once per token.
   * @param waitMs how long the queued request stays valid, in milliseconds; 0: don't queue. A queued request that
   *   wasn't asked about again within this time is dropped, so a late resend is no zombie grant.
   * @throws DevlatchError `CANCELLED` when this very request was already released or cancelled (a late resend)
   */
  acquire(request: LockRequest, waitMs: number): Promise<AcquireReply>;
  /** Gives up a queued request; if it was granted meanwhile, releases it. Idempotent. */
  cancel(key: string, token: string): Promise<void>;
  /**
   * Releases if `token` owns the lock, and hands it to the first live waiter in the same atomic step.
   * @returns false if the token doesn't own the lock (any more)
   */
  release(key: string, token: string): Promise<boolean>;
  /**
   * Takes the lock from the owner that holds it with exactly this fence, and hands it to the first live waiter. The
   * holder is told at its next renewal.
   * @returns false if it isn't held with that fence (any more)
   */
  break(key: string, fence: number): Promise<boolean>;
  /**
   * Extends the expiry of those locks that their token still owns.
   * @returns the keys that are lost, and those that nothing could be learnt about just now
   * @throws DevlatchError `STORE_UNAVAILABLE` when that is so for all of them
   */
  renew(locks: readonly Renewal[]): Promise<RenewalReply>;
  /**
   * Writes a grant that was made while this store was away, unless another owner holds the lock; further fences are
   * above it.
   * @param holder absent: the lock is free again, only the fence counts
   * @param waiting tokens that still wait for the holder: a question of theirs that arrived late may have been granted
   * @returns the highest fence this store has given so far: a push with one up to it is older than the adoption
   */
  adopt(key: string, fence: number, holder?: LockRequest, waiting?: readonly string[]): Promise<number>;
  /**
   * Releases what a dead daemon held. Only for a caller that knows that it is dead, not just silent.
   * @param instance the dead daemon's; its tokens begin with it
   */
  abandon(instance: string): Promise<void>;
  /** Fires with the key and token of a request that was granted on release. A lost one is found by `acquire` again. */
  readonly onGranted: Event<{ key: string; token: string; fence: number }>;
  /** Fires when the store was out of reach for a while: pushes may have been missed, locks may have to be renewed. */
  readonly onReconnected: Event<void>;
  /** Every lock held now, in the order of keys. */
  list(): Promise<readonly LockEntry[]>;
}

/** A record and its version, which only grows, also where the record was removed or lost and made anew meanwhile. */
export interface Versioned<T = unknown> {
  readonly key: string;
  readonly value: T;
  readonly version: number;
}

/** Small JSON documents with compare-and-set. Keys look like `session/{sandboxId}/web`. */
export interface RecordStore {
  get(key: string): Promise<Versioned | undefined>;
  /** All records whose key starts with `prefix`, in the order of keys. */
  list(prefix: string): Promise<readonly Versioned[]>;
  /**
   * Writes if the record still has `expected` version (0: doesn't exist yet).
   * @returns the new version
   * @throws DevlatchError `RECORD_CONFLICT` otherwise
   */
  put(key: string, value: unknown, expected: number): Promise<number>;
  /** Deletes if the version matches. @returns whether it did */
  delete(key: string, expected: number): Promise<boolean>;
  /**
   * Fires after every change made through this store or, where it is shared, by another daemon. May repeat, may come
   * late, never lies: read the record.
   */
  readonly onChanged: Event<{ key: string }>;
}
