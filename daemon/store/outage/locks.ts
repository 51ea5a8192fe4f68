import { Emitter } from "../../../shared/base/emitter.ts";
import { joinReplies } from "../renewals.ts";
import type { AcquireReply, LockEntry, LockRequest, LockStore, Renewal, RenewalReply } from "../store.ts";
import type { Authority } from "./authority.ts";
import { isOwnKey } from "./own-keys.ts";

/** A request for a lock of this machine's own, from its first question until it is over. */
interface Asked {
  readonly request: LockRequest;
  readonly fence?: number;
}

/**
 * Locks of the shared store; while that is away, those of this machine's own are granted here. What is held changes
 * hands with its token and fence, so a holder doesn't notice.
 */
export class OutageLocks implements LockStore {
  readonly #shared: LockStore;
  readonly #local: LockStore;
  readonly #authority: () => Authority;
  readonly #reconnected = new Emitter<void>();
  readonly #granted = new Emitter<{ key: string; token: string; fence: number }>();
  readonly #asked = new Map<string, Asked>();
  /** Ended here while the shared store, which may know of them, was away: token and key. */
  readonly #over = new Map<string, string>();
  /** Last fence of each lock that was granted here. */
  readonly #grantedHere = new Map<string, number>();
  /** Up to which fence pushes of the shared store come to nothing: they were sent before it knew of a holder here. */
  readonly #stale = new Map<string, number>();
  #highest = 0;

  constructor(shared: LockStore, local: LockStore, authority: () => Authority) {
    this.#shared = shared;
    this.#local = local;
    this.#authority = authority;
    shared.onGranted((grant) => {
      const isStale = this.#authority().isOwn || grant.fence <= (this.#stale.get(grant.key) ?? 0);
      if (!isOwnKey(grant.key) || !isStale) this.#hear(grant);
    });
    local.onGranted((grant) => {
      this.#grantedHere.set(grant.key, grant.fence);
      this.#hear(grant);
    });
    shared.onReconnected(() => this.#authority().isOwn || this.#reconnected.fire());
  }

  readonly onGranted = this.#granted.event;
  readonly onReconnected = this.#reconnected.event;

  async acquire(request: LockRequest, waitMs: number): Promise<AcquireReply> {
    if (!isOwnKey(request.key)) return this.#shared.acquire(request, waitMs);
    const { key, token } = request;
    if (!this.#asked.has(token)) this.#asked.set(token, { request });
    const shared = async (): Promise<AcquireReply> => {
      const there = await this.#shared.acquire(request, waitMs);
      // Another call has found the store away meanwhile: this grant came too late to be handed over.
      return this.#authority().isOwn ? this.#authority().decide(shared, here) : there;
    };
    const here = async () => {
      const reply = await this.#local.acquire(request, waitMs);
      if (reply.kind === "granted") this.#grantedHere.set(key, reply.fence);
      return reply;
    };
    const reply = await this.#authority().decide<AcquireReply>(shared, here);
    if (reply.kind === "granted") this.#know(token, request, reply.fence);
    if (reply.kind === "refused") this.#asked.delete(token);
    return reply;
  }

  async cancel(key: string, token: string): Promise<void> {
    await this.#end(key, token, (locks) => locks.cancel(key, token));
  }

  release(key: string, token: string): Promise<boolean> {
    return this.#end(key, token, (locks) => locks.release(key, token));
  }

  break(key: string, fence: number): Promise<boolean> {
    if (!isOwnKey(key)) return this.#shared.break(key, fence);
    return this.#decide((store) => store.break(key, fence));
  }

  renew(locks: readonly Renewal[]): Promise<RenewalReply> {
    const { own = [], others = [] } = Object.groupBy(locks, ({ key }) => (isOwnKey(key) ? "own" : "others"));
    const keysOf = (group: readonly Renewal[]) => group.map(({ key }) => key);
    const groups = [
      { keys: keysOf(own), renew: () => this.#decide((store) => store.renew(own)) },
      { keys: keysOf(others), renew: () => this.#shared.renew(others) },
    ].filter(({ keys }) => keys.length > 0);
    return joinReplies(groups.map(({ keys, renew }) => ({ keys, reply: renew() })));
  }

  adopt(...grant: Parameters<LockStore["adopt"]>): Promise<number> {
    return this.#shared.adopt(...grant);
  }

  abandon(instance: string): Promise<void> {
    return this.#shared.abandon(instance);
  }

  list(): Promise<readonly LockEntry[]> {
    return this.#shared.list();
  }

  /** Makes the shared store's grants known here. @param fence what is granted here is above it */
  async assume(fence: number): Promise<void> {
    await this.#local.adopt("", Math.max(fence, this.#highest));
    for (const { request, fence: own } of this.#asked.values()) {
      if (own !== undefined) await this.#local.adopt(request.key, own, request);
    }
  }

  /** Makes the grants made here known to the shared store. @throws DevlatchError `STORE_UNAVAILABLE` */
  async giveBack(): Promise<void> {
    for (const [token, key] of this.#over) {
      await this.#shared.cancel(key, token);
      this.#over.delete(token);
    }
    const asked = [...this.#asked.values()];
    for (const { request, fence } of asked) {
      if (fence === undefined) continue;
      const waiting = asked.filter((one) => one.request.key === request.key && one.fence === undefined);
      const tokens = waiting.map((one) => one.request.token);
      this.#stale.set(request.key, await this.#shared.adopt(request.key, fence, request, tokens));
    }
    for (const [key, fence] of this.#grantedHere) {
      await this.#shared.adopt(key, fence);
      this.#grantedHere.delete(key);
    }
    // All of them, those that wait first: no lock is granted here any more.
    await this.#local.abandon("");
  }

  announce(): void {
    this.#reconnected.fire();
  }

  #hear(grant: { key: string; token: string; fence: number }): void {
    const asked = this.#asked.get(grant.token);
    if (asked) this.#know(grant.token, asked.request, grant.fence);
    this.#granted.fire(grant);
  }

  #know(token: string, request: LockRequest, fence: number): void {
    this.#asked.set(token, { request, fence });
    this.#highest = Math.max(this.#highest, fence);
  }

  #decide<T>(ask: (store: LockStore) => Promise<T>): Promise<T> {
    return this.#authority().decide(
      () => ask(this.#shared),
      () => ask(this.#local),
    );
  }

  #end<T>(key: string, token: string, end: (locks: LockStore) => Promise<T>): Promise<T> {
    if (!isOwnKey(key)) return end(this.#shared);
    const shared = async () => {
      const result = await end(this.#shared);
      this.#asked.delete(token);
      return result;
    };
    return this.#authority().decide(shared, () => {
      this.#asked.delete(token);
      this.#over.set(token, key);
      return end(this.#local);
    });
  }
}
