import type { Redis } from "ioredis";
import { type Disposable, every, Scope } from "../../../shared/base/disposable.ts";
import { Emitter, type Event } from "../../../shared/base/emitter.ts";
import { createClient, destroyClient } from "./client.ts";
import type { RedisTarget } from "./target.ts";
import { isReplyError } from "./unavailable.ts";

const pingEveryMs = 5_000;

/** Times in milliseconds. */
export interface SubscriberOptions {
  readonly clientName: string;
  readonly silenceMs: number;
  /** How often the connection proves that it lives. Default 5 s. */
  readonly pingMs?: number;
}

/** Hears the messages of some channels. */
export interface MessageSource extends Disposable {
  readonly onMessage: Event<{ channel: string; text: string }>;
  /** Fires whenever all channels are subscribed anew: what was sent before may have been missed. */
  readonly onSubscribed: Event<void>;
  /** Fires when Redis refuses the subscription (the user lacks the right to the channels). */
  readonly onRefused: Event<unknown>;
}

/**
 * The one connection messages come on. It is pinged: a connection whose other end has vanished without a word looks
 * alive for ever to somebody who only listens.
 */
export class Subscriber implements MessageSource {
  readonly #redis: Redis;
  readonly #channels: readonly string[];
  readonly #owned = new Scope();
  readonly #messages = this.#owned.add(new Emitter<{ channel: string; text: string }>());
  readonly #subscribed = this.#owned.add(new Emitter<void>());
  readonly #refused = this.#owned.add(new Emitter<unknown>());
  #listening = false;

  /** Starts connecting and subscribes to `channels` on every connection. */
  constructor(target: RedisTarget, channels: readonly string[], options: SubscriberOptions) {
    this.#channels = channels;
    this.#redis = createClient(target, {
      clientName: `${options.clientName}-subscriber`,
      silenceMs: options.silenceMs,
      connectTimeoutMs: options.silenceMs * 2,
    });
    // Connection errors show on the command connection too, and are reported there.
    this.#redis.on("error", () => {});
    this.#redis.on("message", (channel, text) => this.#messages.fire({ channel, text }));
    this.#redis.on("ready", () => this.#subscribe());
    this.#redis.on("close", () => {
      this.#listening = false;
    });
    this.#redis.connect().catch(() => {});
    this.#owned.add(every(options.pingMs ?? pingEveryMs, () => this.#ping()));
  }

  readonly onMessage = this.#messages.event;
  readonly onSubscribed = this.#subscribed.event;
  readonly onRefused = this.#refused.event;

  dispose(): void {
    this.#owned.dispose();
    destroyClient(this.#redis);
  }

  #subscribe(): void {
    this.#redis.subscribe(...this.#channels).then(
      () => {
        this.#listening = true;
        this.#subscribed.fire();
      },
      // A lost connection subscribes again when it is ready; a refusal is tried again at the next ping.
      (error: unknown) => {
        if (isReplyError(error)) this.#refused.fire(error);
      },
    );
  }

  /** An answer that doesn't come kills the socket (`socketTimeout`), and ioredis reconnects. */
  #ping(): void {
    if (this.#redis.status !== "ready") return;
    if (!this.#listening) this.#subscribe();
    else this.#redis.ping().catch(() => {});
  }
}
