import { Cluster, Redis, type RedisOptions } from "ioredis";
import type { RedisTarget } from "./target.ts";
import { isDemoted } from "./unavailable.ts";

/** How a connection behaves. Times in milliseconds. */
export interface ClientOptions {
  readonly clientName: string;
  /** A socket that owes an answer and is silent this long is dead. */
  readonly silenceMs: number;
  readonly connectTimeoutMs: number;
}

const slowestReconnectMs = 2_000;
/** Answers within so many milliseconds belong to commands that went out together. */
const samePipelineMs = 100;

/** One Redis, or the nodes of a Cluster. */
export type RedisClient = Redis | Cluster;

/**
 * An ioredis client, not connected yet. Nothing is queued or resent by ioredis: a command that its caller gave up must
 * not be run later. Sending again is up to `Connection`, within the caller's own deadline.
 */
export function createClient(target: RedisTarget, options: ClientOptions): Redis {
  return new Redis({ ...settingsOf(target, options), lazyConnect: true });
}

/** The same for a target that may be a Cluster, which sends a command again where a slot has moved. */
export function createCommandClient(target: RedisTarget, options: ClientOptions): RedisClient {
  if (!target.nodes) return createClient(target, options);
  return new Cluster([...target.nodes], {
    redisOptions: settingsOf(target, options),
    lazyConnect: true,
    enableOfflineQueue: false,
    slotsRefreshTimeout: options.connectTimeoutMs,
    // Slots move, and a replica takes over, without a word to those who don't ask.
    slotsRefreshInterval: 5_000,
    clusterRetryStrategy: (attempt) => reconnectDelay(attempt, Math.random()),
  });
}

function settingsOf(target: RedisTarget, options: ClientOptions): RedisOptions & { replyMapping: "legacy" } {
  return {
    ...target.options,
    connectionName: options.clientName,
    replyMapping: "legacy",
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    connectTimeout: options.connectTimeoutMs,
    socketTimeout: options.silenceMs,
    // After a failover the one we are connected to may have become a replica.
    reconnectOnError: onceDemoted(),
    sentinelRetryStrategy: (attempt) => reconnectDelay(attempt, Math.random()),
    retryStrategy: (attempt) => reconnectDelay(attempt, Math.random()),
  };
}

/** Reconnects for the first such answer only: those to the rest of a pipeline would close the same connection again. */
function onceDemoted(): (error: Error) => boolean {
  let reconnectedAt = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (!isDemoted(error) || performance.now() - reconnectedAt < samePipelineMs) return false;
    reconnectedAt = performance.now();
    return true;
  };
}

/**
 * Back-off with jitter, so that daemons don't return to a restarted Redis all at once.
 * @param attempt from 1
 * @param random in [0, 1)
 * @returns milliseconds
 */
export function reconnectDelay(attempt: number, random: number): number {
  const full = Math.min(slowestReconnectMs, 25 * 2 ** Math.min(attempt, 10));
  return Math.round(full * (0.5 + random / 2));
}

/** Ends a client at once, also when the other end is frozen and never closes its side. */
export function destroyClient(redis: RedisClient): void {
  const nodes = redis instanceof Cluster ? redis.nodes() : [redis];
  redis.disconnect();
  for (const node of nodes) node.stream?.destroy();
}
