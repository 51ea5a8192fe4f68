import { setTimeout as delay } from "node:timers/promises";
import type { Owner } from "../../../support/owner.ts";
import { type RedisServer, startRedis } from "../../../support/redis.ts";
import { startSentinelSet } from "../../../support/sentinel.ts";
import { startTcpProxy } from "../../../support/tcp-proxy.ts";
import type { Fault } from "./events.ts";

/** Faults that strike Redis or the way there. */
export type StoreFault = Exclude<Fault["kind"], "kill" | "pause" | "skew">;

/** Where the locks of a campaign are kept, and what can happen to it. */
export interface Place {
  /** Each worker gets one of them, in turn. */
  readonly urls: readonly string[];
  /** @param random in [0, 1) */
  strike(fault: StoreFault, random: () => number): Promise<void>;
}

/** One Redis, half of the workers behind a bad network. @param ttlMs life of the locks */
export async function standalone(owner: Owner, ttlMs: number): Promise<Place> {
  const redis = await startRedis();
  owner.after(() => redis.stop());
  const proxy = await startTcpProxy(redis.port);
  owner.after(() => proxy.close());
  const effects: Partial<Record<StoreFault, (random: () => number) => unknown>> = {
    ...effectsOn(() => redis, ttlMs),
    "cut replies": () => proxy.cutNextReplies(),
    restart: () => redis.restart(),
    flush: () => redis.command("FLUSHALL"),
  };
  return { urls: [redis.url, `redis://127.0.0.1:${proxy.port}`], strike: striking(effects) };
}

/**
 * A primary and a replica that take each other's place; what the replica wasn't told is lost then. Only when
 * told to: a busy machine is silent for a while too.
 */
export async function sentinel(owner: Owner, ttlMs: number): Promise<Place> {
  const set = await startSentinelSet(owner, 60_000);
  const effects: Partial<Record<StoreFault, (random: () => number) => unknown>> = {
    ...effectsOn(set.current, ttlMs),
    failover: () => set.failOver(),
  };
  return { urls: [set.url], strike: striking(effects) };
}

function effectsOn(redis: () => RedisServer, ttlMs: number) {
  return {
    cut: (random: () => number) =>
      redis().command("CLIENT", "KILL", "TYPE", random() < 0.5 ? "normal" : "pubsub"),
    "redis pause": async (random: () => number) => {
      const paused = redis();
      paused.pause();
      await delay(ttlMs * random());
      paused.resume();
    },
  };
}

function striking(effects: Partial<Record<StoreFault, (random: () => number) => unknown>>): Place["strike"] {
  return async (fault, random) => {
    const effect = effects[fault];
    if (!effect) throw new RangeError(`${fault} can't strike here`);
    await effect(random);
  };
}
