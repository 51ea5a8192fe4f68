import { Emitter } from "../../../shared/base/emitter.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";
import { randomToken } from "../../../shared/base/token.ts";
import {
  type AcquireReply,
  cancelMarkMs,
  claimWindowMs,
  type LockEntry,
  type LockRequest,
  type LockStore,
  type Renewal,
  type RenewalReply,
} from "../store.ts";
import type { Database, Row } from "./database.ts";

/** How long a free lock's row stays, so that a late resend of its last request is known, in milliseconds. */
const freeRowMs = 60_000;

interface Grant {
  readonly key: string;
  readonly token: string;
  readonly fence: number;
}

type Holder = Pick<LockRequest, "key" | "token" | "owner">;

/**
 * Locks in SQLite, by the same rules as the Lua scripts in `../redis/scripts`. A grant to a waiter of this handle is
 * pushed; one of another process finds it when it asks again.
 */
export class SqliteLocks implements LockStore {
  readonly #database: Database;
  readonly #clock: () => number;
  readonly #handle = randomToken();
  readonly #granted = new Emitter<Grant>();

  /** @param clock milliseconds since the epoch */
  constructor(database: Database, clock: () => number) {
    this.#database = database;
    this.#clock = clock;
  }

  readonly onGranted = this.#granted.event;
  /** A file is never out of reach. */
  readonly onReconnected = new Emitter<void>().event;

  acquire(request: LockRequest, waitMs: number): Promise<AcquireReply> {
    return this.#write((now, grants) => this.#acquire(request, waitMs, now, grants));
  }

  async cancel(key: string, token: string): Promise<void> {
    await this.#write((now, grants) => {
      this.#database.change("INSERT OR REPLACE INTO cancelled VALUES (?, ?)", token, now + cancelMarkMs);
      this.#database.change("DELETE FROM cancelled WHERE until < ?", now);
      this.#database.change("DELETE FROM waiter WHERE key = ? AND token = ?", key, token);
      if (this.#lock(key)?.["token"] === token) this.#letGo(key, token, now, grants);
    });
  }

  release(key: string, token: string): Promise<boolean> {
    return this.#write((now, grants) => {
      const lock = this.#lock(key);
      if (lock?.["token"] !== token) return lock?.["last"] === token;
      this.#letGo(key, token, now, grants);
      return Number(lock["expires"]) > now;
    });
  }

  break(key: string, fence: number): Promise<boolean> {
    return this.#write((now, grants) => {
      const lock = this.#lock(key);
      if (!isLive(lock, now) || Number(lock["fence"]) !== fence) return false;
      this.#letGo(key, String(lock["token"]), now, grants);
      return true;
    });
  }

  async renew(locks: readonly Renewal[]): Promise<RenewalReply> {
    const sql = "UPDATE lock SET expires = ?, seen = ? WHERE key = ? AND token = ? AND expires > ?";
    const renewed = ({ key, token, ttlMs }: Renewal, now: number) =>
      this.#database.change(sql, now + ms(ttlMs), now, key, token, now) > 0;
    const lost = await this.#write((now) => locks.filter((lock) => !renewed(lock, now)));
    return { lost: lost.map(({ key }) => key), unknown: [] };
  }

  adopt(key: string, fence: number, holder?: LockRequest, waiting: readonly string[] = []): Promise<number> {
    return this.#write((now) => {
      const sql = "UPDATE fence SET highest = max(highest, ?) WHERE id = 1 RETURNING highest";
      const highest = Number(this.#database.get(sql, fence)?.["highest"]);
      const lock = this.#lock(key);
      const ours = [holder?.token, ...waiting];
      const isFree = !isLive(lock, now) || ours.includes(String(lock["token"]));
      if (holder && isFree) this.#grant(holder, fence, ms(holder.ttlMs), now);
      return highest;
    });
  }

  async abandon(instance: string): Promise<void> {
    await this.#write((now, grants) => {
      this.#database.change("DELETE FROM waiter WHERE substr(token, 1, ?) = ?", instance.length, instance);
      const sql = "SELECT key, token FROM lock WHERE substr(token, 1, ?) = ?";
      for (const { key, token } of this.#database.all(sql, instance.length, instance)) {
        this.#letGo(String(key), String(token), now, grants);
      }
    });
  }

  async list(): Promise<readonly LockEntry[]> {
    const now = this.#clock();
    const rows = await this.#database.read(
      `SELECT key, owner, fence, since, expires, coalesce(seen, since) AS seen,
         (SELECT count(*) FROM waiter WHERE waiter.key = lock.key AND deadline > ?) AS waiters
       FROM lock WHERE token IS NOT NULL AND expires > ? ORDER BY key`,
      now,
      now,
    );
    return rows.map((row) => ({
      key: String(row["key"]),
      owner: String(row["owner"]),
      fence: Number(row["fence"]),
      heldMs: now - Number(row["since"]),
      ttlMs: Number(row["expires"]) - now,
      waiters: Number(row["waiters"]),
      silentMs: now - Number(row["seen"]),
    }));
  }

  /** One transaction; grants to this handle's waiters are pushed after it is committed. */
  async #write<T>(work: (now: number, grants: Grant[]) => T): Promise<T> {
    const grants: Grant[] = [];
    const result = await this.#database.write(() => {
      grants.length = 0;
      return work(this.#clock(), grants);
    });
    for (const grant of grants) this.#granted.fire(grant);
    return result;
  }

  #acquire(request: LockRequest, waitMs: number, now: number, grants: Grant[]): AcquireReply {
    const { key, token, owner, ttlMs } = request;
    const lock = this.#lock(key);
    if (lock?.["last"] === token || this.#isCancelled(token)) throw cancelled(key);
    if (isLive(lock, now)) {
      if (lock["token"] !== token) return this.#enqueue(request, waitMs, now, String(lock["owner"]));
      this.#database.change("UPDATE lock SET expires = ?, seen = ? WHERE key = ?", now + ms(ttlMs), now, key);
      return { kind: "granted", fence: Number(lock["fence"]) };
    }
    const winner = this.#pass(key, now, token, grants);
    if (winner === undefined)
      return { kind: "granted", fence: this.#give({ key, token, owner }, ms(ttlMs), now) };
    if (winner.token === token) return { kind: "granted", fence: winner.fence };
    return this.#enqueue(request, waitMs, now, String(this.#lock(key)?.["owner"]));
  }

  #enqueue(request: LockRequest, waitMs: number, now: number, holder: string): AcquireReply {
    const { key, token, owner, ttlMs } = request;
    if (waitMs <= 0) {
      this.#database.change("DELETE FROM waiter WHERE key = ? AND token = ?", key, token);
      return { kind: "refused", owner: holder };
    }
    this.#database.change(
      `INSERT INTO waiter (key, token, owner, ttl, deadline, handle) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (key, token) DO UPDATE SET deadline = excluded.deadline`,
      key,
      token,
      owner,
      ms(ttlMs),
      now + ms(waitMs),
      this.#handle,
    );
    const row = this.#database.get(
      `SELECT count(*) AS position FROM waiter
       WHERE key = ? AND place <= (SELECT place FROM waiter WHERE key = ? AND token = ?)`,
      key,
      key,
      token,
    );
    return { kind: "queued", position: Number(row?.["position"]), owner: holder };
  }

  /** Hands a free lock to the first waiter whose deadline hasn't passed, or to the one that is asking right now. */
  #pass(key: string, now: number, asking: string | undefined, grants: Grant[]): Grant | undefined {
    const waiters = this.#database.all("SELECT * FROM waiter WHERE key = ? ORDER BY place", key);
    for (const { place, token, owner, ttl, deadline, handle } of waiters) {
      this.#database.change("DELETE FROM waiter WHERE place = ?", Number(place));
      if (token !== asking && Number(deadline) <= now) continue;
      const lifeMs = token === asking ? Number(ttl) : Math.min(Number(ttl), claimWindowMs);
      const fence = this.#give({ key, token: String(token), owner: String(owner) }, lifeMs, now);
      const grant = { key, token: String(token), fence };
      if (token !== asking && handle === this.#handle) grants.push(grant);
      return grant;
    }
    return undefined;
  }

  #give(holder: Holder, ttl: number, now: number): number {
    const row = this.#database.get(
      "UPDATE fence SET highest = max(highest + 1, ?) WHERE id = 1 RETURNING highest",
      now * 1000,
    );
    const fence = Number(row?.["highest"]);
    this.#grant(holder, fence, ttl, now);
    return fence;
  }

  #grant({ key, token, owner }: Holder, fence: number, ttl: number, now: number): void {
    this.#database.change(
      `INSERT INTO lock (key, token, owner, fence, since, seen, expires, ttl) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET token = excluded.token, owner = excluded.owner, fence = excluded.fence,
         since = excluded.since, seen = excluded.seen, expires = excluded.expires, ttl = excluded.ttl`,
      key,
      token,
      owner,
      fence,
      now,
      now,
      now + ttl,
      ttl,
    );
  }

  #letGo(key: string, token: string, now: number, grants: Grant[]): void {
    const sql = "UPDATE lock SET token = NULL, owner = NULL, expires = ?, last = ? WHERE key = ?";
    this.#database.change(sql, now, token, key);
    this.#pass(key, now, undefined, grants);
    this.#database.change("DELETE FROM lock WHERE token IS NULL AND expires < ?", now - freeRowMs);
  }

  #lock(key: string): Row | undefined {
    return this.#database.get("SELECT * FROM lock WHERE key = ?", key);
  }

  #isCancelled(token: string): boolean {
    return this.#database.get("SELECT 1 FROM cancelled WHERE token = ?", token) !== undefined;
  }
}

function isLive(lock: Row | undefined, now: number): lock is Row {
  return lock !== undefined && lock["token"] !== null && Number(lock["expires"]) > now;
}

function cancelled(key: string): DevlatchError {
  return new DevlatchError(
    "CANCELLED",
    `This request for the lock ${key} was already released or given up.`,
    "Ask again with a new token.",
  );
}

function ms(value: number): number {
  return Math.ceil(value);
}
