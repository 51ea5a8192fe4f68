import { abortable, runWithDeadline } from "../../../shared/base/deadline.ts";
import { Scope } from "../../../shared/base/disposable.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import type { DevlatchError } from "../../../shared/base/errors.ts";
import { randomToken } from "../../../shared/base/token.ts";
import type { Refusal } from "../refusal.ts";
import type { Store } from "../store.ts";
import { ClusterSubscriber } from "./cluster-subscriber.ts";
import { Connection } from "./connection.ts";
import type { HighWaterMark } from "./high-water-mark.ts";
import { Keys } from "./keys.ts";
import { RedisLocks } from "./locks.ts";
import { RedisRecords } from "./records.ts";
import { type MessageSource, runIdIn, Subscriber, type SubscriberOptions } from "./subscriber.ts";
import { parseRedisUrl, type RedisTarget } from "./target.ts";
import { unavailable } from "./unavailable.ts";

export interface RedisStoreOptions {
  /** `redis://`, `rediss://`, `unix://` or the path of a socket. */
  readonly url: string;
  /** What this home has seen of fences. */
  readonly mark?: HighWaterMark;
  /** First part of every key. Default `devlatch`. */
  readonly namespace?: string;
  /** Name shown by Redis' CLIENT LIST. Without spaces. */
  readonly clientName: string;
  /** Hears of records that are refused, once a key. */
  readonly onRefused?: (refusal: Refusal) => void;
  /** Hears once per outage why the store can't be used. */
  readonly onProblem?: (problem: DevlatchError) => void;
  /**
   * How long a call waits for a usable connection, in milliseconds; it fails after one and a half times this at most.
   * Default 2 s.
   */
  readonly commandTimeoutMs?: number;
  /** How often the subscriber connection proves that it lives, in milliseconds. Default 5 s. */
  readonly pingMs?: number;
}

/**
 * Opens the store in Redis. Waits for the first connection, but opens without it too: the store then is unhealthy,
 * every call fails in bounded time, and it heals by itself when Redis comes.
 * @throws DevlatchError `INVALID_INPUT` for a URL or namespace that can't be used
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<Store> {
  const store = new RedisStore(
    parseRedisUrl(options.url),
    new Keys(options.namespace ?? "devlatch"),
    options,
  );
  await store.opened();
  return store;
}

class RedisStore implements Store {
  readonly kind = "redis";
  readonly locks: RedisLocks;
  readonly records: RedisRecords;
  readonly #connection: Connection;
  readonly #keys: Keys;
  readonly #owned = new Scope();
  readonly #healthChanged = this.#owned.add(new Emitter<boolean>());
  readonly #firstSubscription = Promise.withResolvers<void>();
  readonly #onProblem: (problem: DevlatchError) => void;
  readonly #timeoutMs: number;

  constructor(target: RedisTarget, keys: Keys, options: RedisStoreOptions) {
    const { clientName, commandTimeoutMs = 2_000 } = options;
    const daemon = randomToken();
    this.#keys = keys;
    this.#timeoutMs = commandTimeoutMs;
    this.#onProblem = options.onProblem ?? (() => {});
    this.#connection = this.#owned.add(new Connection(target, clientName, commandTimeoutMs));
    this.locks = new RedisLocks(this.#connection, keys, daemon, options.mark);
    this.records = new RedisRecords(this.#connection, keys, daemon, options.onRefused);
    this.#owned.add(this.locks.onLossNoticed(() => void this.records.resync().catch(() => {})));
    this.#owned.add(this.#connection.onHealthChanged((healthy) => this.#healthChanged.fire(healthy)));
    this.#owned.add(this.#connection.onHealthChanged((healthy) => healthy || this.#report()));
    const channels = [keys.grantChannel(daemon), keys.recordChannel];
    const subscriberOptions = {
      clientName,
      silenceMs: commandTimeoutMs / 2,
      ...(options.pingMs === undefined ? {} : { pingMs: options.pingMs }),
    };
    this.#listen(this.#owned.add(this.#subscriber(target, channels, subscriberOptions)), target);
  }

  #subscriber(target: RedisTarget, channels: readonly string[], options: SubscriberOptions): MessageSource {
    if (!target.nodes) return this.#following(new Subscriber(target, channels, options));
    const subscriber = new ClusterSubscriber(target, channels, options, () => this.#connection.nodes);
    this.#owned.add(this.#connection.onHealthChanged((healthy) => healthy && subscriber.look()));
    return subscriber;
  }

  /** Over a failover commands may go to another server before the subscriber knows of it. */
  #following(subscriber: Subscriber): Subscriber {
    const look = async () => {
      const info = await this.#connection.run((redis) => redis.info("server"));
      subscriber.follow(runIdIn(info));
    };
    this.#owned.add(this.#connection.onHealthChanged((healthy) => void (healthy && look().catch(() => {}))));
    return subscriber;
  }

  readonly onHealthChanged = this.#healthChanged.event;

  get healthy(): boolean {
    return this.#connection.healthy;
  }

  /** Settles when both connections are there, or when the first attempt has failed. */
  async opened(): Promise<void> {
    try {
      await this.#connection.ready();
      await runWithDeadline(this.#timeoutMs, "Subscribing", () => this.#firstSubscription.promise);
    } catch {
      // The connection and the subscriber report what is wrong, and go on trying.
      if (!this.healthy) this.#report();
    }
  }

  async now(): Promise<number> {
    const [seconds, microseconds] = await this.#connection.run((redis) => redis.time());
    return Number(seconds) * 1_000 + Number(microseconds) / 1_000;
  }

  probe(signal: AbortSignal): Promise<number> {
    const begun = performance.now();
    const exchange = this.#connection.run(async (redis) => {
      await redis.set(this.#keys.probe, "1", "PX", 60_000);
      await redis.get(this.#keys.probe);
      return performance.now() - begun;
    });
    return abortable(exchange, signal);
  }

  close(): Promise<void> {
    this.dispose();
    return Promise.resolve();
  }

  dispose(): void {
    this.#firstSubscription.resolve();
    this.#owned.dispose();
  }

  #listen(subscriber: MessageSource, target: RedisTarget): void {
    subscriber.onMessage(({ channel, text, server }) => {
      if (channel === this.#keys.recordChannel) this.records.receive(text);
      else this.locks.receive(text, server);
    });
    subscriber.onRefused((error) => {
      this.#firstSubscription.resolve();
      this.#onProblem(unavailable(target.name, error));
    });
    let subscribedBefore = false;
    subscriber.onSubscribed(() => {
      this.#firstSubscription.resolve();
      if (subscribedBefore) {
        this.locks.resync();
        this.records.resync().catch(() => {});
      }
      subscribedBefore = true;
    });
  }

  #report(): void {
    if (!this.#owned.disposed) this.#onProblem(this.#connection.problem);
  }
}
