import { createRequire } from "node:module";
import { join } from "node:path";
import { LockService } from "../../../../daemon/locks/lock-service.ts";
import { openRedisStore } from "../../../../daemon/store/redis/store.ts";

/** Locks that go through the harness. */
export const lockerNames = ["devlatch", "redlock", "redis-semaphore"] as const;
export type LockerName = (typeof lockerNames)[number];

export interface LockerTerms {
  readonly ttlMs: number;
  readonly waitMs: number;
  readonly owner: string;
}

/** Runs work under a lock. `fence` is 0 where there is none; `signal` tells that the lock is lost. */
type Work = (grant: { readonly fence: number; readonly signal: AbortSignal }) => Promise<void>;

/** One kind of lock, in one process. */
export interface Locker {
  withLock(key: string, terms: LockerTerms, work: Work): Promise<void>;
  /** Hears the owners of requests that the store has queued. */
  onQueued(listener: (owner: string) => void): void;
  close(): Promise<void>;
}

/** @param peers folder with the peers' node_modules */
export function openLocker(name: LockerName, url: string, peers: string): Promise<Locker> {
  return { devlatch, redlock, "redis-semaphore": redisSemaphore }[name](url, peers);
}

async function devlatch(url: string): Promise<Locker> {
  const store = await openRedisStore({ url, clientName: "history", commandTimeoutMs: 1_000, pingMs: 500 });
  const service = new LockService(store.locks);
  return {
    withLock: (key, terms, work) => service.withLock(key, terms, work),
    onQueued: (listener) => service.onEvent((event) => event.kind === "queued" && listener(event.owner)),
    close: async () => {
      await service.close();
      await store.close();
    },
  };
}

interface PeerRedis {
  on(event: "error", listener: () => void): void;
  disconnect(): void;
}

function connect(load: NodeJS.Require, url: string): PeerRedis {
  const redis = new (load("ioredis") as new (url: string) => PeerRedis)(url);
  redis.on("error", () => {});
  return redis;
}

interface RedlockLock {
  extend(ttlMs: number): Promise<RedlockLock>;
  unlock(): Promise<void>;
}

/**
 * Its defaults, with as many attempts as the wait allows, and an extension every third of the life as its page advises.
 */
async function redlock(url: string, peers: string): Promise<Locker> {
  const load = createRequire(join(peers, "package.json"));
  const redis = connect(load, url);
  const retryDelay = 200;
  type Options = { retryCount: number; retryDelay: number };
  const Redlock = load("redlock") as new (
    clients: PeerRedis[],
    options: Options,
  ) => { lock(key: string, ttlMs: number): Promise<RedlockLock> };
  return {
    withLock: async (key, { ttlMs, waitMs }, work) => {
      const locks = new Redlock([redis], { retryDelay, retryCount: Math.round(waitMs / retryDelay) });
      let lock = await locks.lock(key, ttlMs);
      const lost = new AbortController();
      const extending = setInterval(() => {
        lock.extend(ttlMs).then(
          (extended) => {
            lock = extended;
          },
          () => lost.abort(),
        );
      }, ttlMs / 3);
      try {
        await work({ fence: 0, signal: lost.signal });
      } finally {
        clearInterval(extending);
        await lock.unlock();
      }
    },
    onQueued: () => {},
    close: async () => redis.disconnect(),
  };
}

interface Mutex {
  acquire(): Promise<void>;
  tryAcquire(): Promise<boolean>;
  release(): Promise<void>;
}
type MutexOptions = { lockTimeout: number; acquireTimeout: number; onLockLost(): void };

/** Its defaults: it renews by itself, and tells when it finds that it lost the lock. */
async function redisSemaphore(url: string, peers: string): Promise<Locker> {
  const load = createRequire(join(peers, "package.json"));
  const redis = connect(load, url);
  const { Mutex } = load("redis-semaphore") as {
    Mutex: new (client: PeerRedis, key: string, options: MutexOptions) => Mutex;
  };
  return {
    withLock: async (key, { ttlMs, waitMs }, work) => {
      const lost = new AbortController();
      const mutex = new Mutex(redis, key, {
        ...{ lockTimeout: ttlMs, acquireTimeout: waitMs },
        onLockLost: () => lost.abort(),
      });
      if (waitMs > 0) await mutex.acquire();
      else if (!(await mutex.tryAcquire())) throw new Error("held");
      try {
        await work({ fence: 0, signal: lost.signal });
      } finally {
        await mutex.release();
      }
    },
    onQueued: () => {},
    close: async () => redis.disconnect(),
  };
}
