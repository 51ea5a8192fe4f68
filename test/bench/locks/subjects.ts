import { createRequire } from "node:module";
import { join } from "node:path";
import { Redis } from "ioredis";
import { LockService } from "../../../daemon/locks/lock-service.ts";
import { openRedisStore } from "../../../daemon/store/redis/store.ts";
import { randomToken } from "../../../shared/base/token.ts";

/** Ways to hold a lock in Redis, measured side by side. `raw` is the floor: two commands, no queue, no fence. */
export const subjectNames = ["raw", "devlatch", "redlock", "redis-semaphore"] as const;
export type SubjectName = (typeof subjectNames)[number];

/** One client of one kind. */
export interface Subject {
  /** Waits for the lock as long as it takes. @returns releases it */
  lock(key: string): Promise<() => Promise<unknown>>;
  close(): Promise<void>;
}

const ttlMs = 30_000;

/** @param peers folder with the peers' node_modules */
export function openSubject(name: SubjectName, url: string, peers: string): Promise<Subject> {
  return { raw, devlatch, redlock, "redis-semaphore": redisSemaphore }[name](url, peers);
}

async function raw(url: string): Promise<Subject> {
  const redis = new Redis(url);
  const script =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";
  const sha = String(await redis.script("LOAD", script));
  return {
    lock: async (key) => {
      const token = randomToken();
      await redis.set(key, token, "PX", ttlMs, "NX");
      return () => redis.evalsha(sha, 1, key, token);
    },
    close: async () => redis.disconnect(),
  };
}

async function devlatch(url: string): Promise<Subject> {
  const store = await openRedisStore({ url, clientName: "bench" });
  const service = new LockService(store.locks);
  const terms = { ttlMs, waitMs: 600_000, owner: "bench" };
  return {
    lock: (key) =>
      new Promise((resolve, reject) => {
        const done = Promise.withResolvers<void>();
        const work = service.withLock(key, terms, () => {
          resolve(() => {
            done.resolve();
            return work;
          });
          return done.promise;
        });
        work.catch(reject);
      }),
    close: async () => {
      await service.close();
      await store.close();
    },
  };
}

interface PeerRedis {
  disconnect(): void;
}

/** Its own defaults, but for the number of attempts: it would give up after two seconds. */
async function redlock(url: string, peers: string): Promise<Subject> {
  const load = createRequire(join(peers, "package.json"));
  const client = new (load("ioredis") as new (url: string) => PeerRedis)(url);
  const Redlock = load("redlock") as new (
    clients: PeerRedis[],
    options: { retryCount: number },
  ) => { lock(key: string, ttlMs: number): Promise<{ unlock(): Promise<void> }> };
  const locks = new Redlock([client], { retryCount: -1 });
  return {
    lock: async (key) => {
      const lock = await locks.lock(key, ttlMs);
      return () => lock.unlock();
    },
    close: async () => client.disconnect(),
  };
}

async function redisSemaphore(url: string, peers: string): Promise<Subject> {
  const load = createRequire(join(peers, "package.json"));
  const client = new (load("ioredis") as new (url: string) => PeerRedis)(url);
  const { Mutex } = load("redis-semaphore") as {
    Mutex: new (
      client: PeerRedis,
      key: string,
      options: { lockTimeout: number; acquireTimeout: number },
    ) => { acquire(): Promise<void>; release(): Promise<void> };
  };
  return {
    lock: async (key) => {
      const mutex = new Mutex(client, key, { lockTimeout: ttlMs, acquireTimeout: 600_000 });
      await mutex.acquire();
      return () => mutex.release();
    },
    close: async () => client.disconnect(),
  };
}
