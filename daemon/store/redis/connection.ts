import { Cluster } from "ioredis";
import type { Disposable } from "../../../shared/base/disposable.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import { createCommandClient, destroyClient, type RedisClient } from "./client.ts";
import type { RedisNode, RedisTarget } from "./target.ts";
import { isDemoted, isRefusedLogin, isReplyError, unavailable } from "./unavailable.ts";

interface ReadyWaiter {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * The one connection commands go through, and the one place that decides how long a caller waits for Redis.
 * However many call at once, one connection is made.
 */
export class Connection implements Disposable {
  readonly #redis: RedisClient;
  readonly #target: RedisTarget;
  readonly #timeoutMs: number;
  readonly #waiting = new Set<ReadyWaiter>();
  readonly #healthChanged = new Emitter<boolean>();
  #healthy = false;
  #closed = false;
  /** Monotonic time since when there is no usable connection; undefined while there is one. */
  #downSince: number | undefined = performance.now();
  #lastError: unknown = new Error("the connection isn't made yet");

  /**
   * Starts connecting.
   * @param timeoutMs how long a call may wait for a usable connection, in milliseconds; an answer takes half as long
   *   at most
   */
  constructor(target: RedisTarget, clientName: string, timeoutMs: number) {
    this.#target = target;
    this.#timeoutMs = timeoutMs;
    this.#redis = createCommandClient(target, {
      clientName,
      silenceMs: timeoutMs / 2,
      connectTimeoutMs: timeoutMs,
    });
    this.#redis.on("ready", () => this.#onReady());
    this.#redis.on("error", (error) => this.#onError(error));
    this.#redis.on("close", () => this.#onClose());
    this.#redis.connect().catch(() => {});
  }

  /** Whether there is a connection and the last exchange on it succeeded. */
  get healthy(): boolean {
    return this.#healthy;
  }

  readonly onHealthChanged = this.#healthChanged.event;

  /** Why the connection isn't usable, as an error for people. */
  get problem() {
    return unavailable(this.#target.name, this.#closed ? "the store is closed" : this.#lastError);
  }

  /**
   * Sends commands and waits for their answers. What a lost connection left unanswered is sent once more on the next
   * one, so everything sent must be safe to run twice.
   * @throws DevlatchError `STORE_UNAVAILABLE` within about one and a half `timeoutMs`
   */
  async run<T>(send: (redis: RedisClient, isRepetition: boolean) => Promise<T>): Promise<T> {
    const begun = performance.now();
    for (let attempt = 1; ; attempt++) {
      const usable = attempt === 1 && this.#redis.status === "ready" && !this.#closed;
      if (!usable) await this.#ready(begun + this.#timeoutMs);
      try {
        const answer = await send(this.#redis, attempt > 1);
        this.#setHealthy(true);
        return answer;
      } catch (error) {
        const mayHelp = !isReplyError(error) || isDemoted(error);
        const again = attempt === 1 && mayHelp && performance.now() - begun < this.#timeoutMs;
        if (!again) throw this.#failed(error);
      }
    }
  }

  /** The primaries of a Cluster, as they are known now. */
  get nodes(): readonly RedisNode[] {
    if (!(this.#redis instanceof Cluster)) return [];
    return this.#redis
      .nodes("master")
      .flatMap(({ options: { host, port } }) => (host && port ? [{ host, port }] : []));
  }

  /** Waits until commands can be sent. @throws DevlatchError `STORE_UNAVAILABLE` after one `timeoutMs` */
  ready(): Promise<void> {
    if (this.#redis.status === "ready" && !this.#closed) return Promise.resolve();
    return this.#ready(performance.now() + this.#timeoutMs);
  }

  /** Ends the connection; what waits is refused. */
  dispose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#setHealthy(false);
    destroyClient(this.#redis);
    this.#refuseWaiting();
    this.#healthChanged.dispose();
  }

  /** Waits for the next `ready`. @param until monotonic time of giving up, in milliseconds */
  async #ready(until: number): Promise<void> {
    // Who comes late to a long outage isn't made to wait: reconnecting has been tried all the time.
    const lastingOutage =
      this.#downSince !== undefined && performance.now() - this.#downSince > this.#timeoutMs;
    if (this.#closed || lastingOutage || isRefusedLogin(this.#lastError)) throw this.problem;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { resolve, reject };
    const timer = setTimeout(() => reject(this.problem), Math.max(0, until - performance.now()));
    this.#waiting.add(waiter);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(waiter);
    }
  }

  #onReady(): void {
    this.#downSince = undefined;
    this.#lastError = new Error("the connection was lost");
    this.#setHealthy(true);
    for (const waiter of this.#waiting) waiter.resolve();
  }

  #onError(error: Error): void {
    this.#lastError = error;
    if (isRefusedLogin(error)) this.#refuseWaiting();
  }

  #onClose(): void {
    this.#downSince ??= performance.now();
    this.#setHealthy(false);
  }

  #refuseWaiting(): void {
    for (const waiter of this.#waiting) waiter.reject(this.problem);
  }

  #failed(error: unknown) {
    this.#setHealthy(false);
    return unavailable(this.#target.name, isReplyError(error) ? error : this.#lastError);
  }

  #setHealthy(healthy: boolean): void {
    if (this.#healthy === healthy) return;
    this.#healthy = healthy;
    this.#healthChanged.fire(healthy);
  }
}
