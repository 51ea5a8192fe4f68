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

/** What was said on a channel. */
export interface Message {
  readonly channel: string;
  readonly text: string;
  /** Run id of the Redis it was heard from, which needn't be the one it was sent to. */
  readonly server: string;
}

/** Hears the messages of some channels. */
export interface MessageSource extends Disposable {
  readonly onMessage: Event<Message>;
  /** Fires whenever all channels are subscribed anew: what was sent before may have been missed. */
  readonly onSubscribed: Event<void>;
  /** Fires when Redis refuses the subscription (the user lacks the right to the channels). */
  readonly onRefused: Event<unknown>;
}

/**
 * The one connection messages come on. It is pinged: a connection whose other end has vanished without a word looks
 * alive for ever to a client that only listens.
 */
export class Subscriber implements MessageSource {
  readonly #redis: Redis;
  readonly #channels: readonly string[];
  readonly #owned = new Scope();
  readonly #messages = this.#owned.add(new Emitter<Message>());
  readonly #subscribed = this.#owned.add(new Emitter<void>());
  readonly #refused = this.#owned.add(new Emitter<unknown>());
  #listening = false;
  #server = "";

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
    this.#redis.on("message", (channel, text) =>
      this.#messages.fire({ channel, text, server: this.#server }),
    );
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

  /**
   * Connects anew if it listens to another server than commands go to: a former primary that is a replica now passes
   * messages on, but its listeners aren't counted.
   */
  follow(server: string): void {
    if (this.#listening && server !== this.#server) this.#redis.disconnect(true);
  }

  dispose(): void {
    this.#owned.dispose();
    destroyClient(this.#redis);
  }

  #subscribe(): void {
    this.#identify().then(
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

  /** Who it is must be known before anything is heard. */
  async #identify(): Promise<void> {
    this.#server = runIdIn(await this.#redis.info("server"));
    await this.#redis.subscribe(...this.#channels);
  }

  /** An answer that doesn't come kills the socket (`socketTimeout`), and ioredis reconnects. */
  #ping(): void {
    if (this.#redis.status !== "ready") return;
    if (!this.#listening) this.#subscribe();
    else this.#redis.ping().catch(() => {});
  }
}

/** Names the process of a server, in what `INFO server` answers. */
export function runIdIn(info: string): string {
  return /^run_id:(\w+)/m.exec(info)?.[1] ?? "";
}
