import { every, Scope } from "../../../shared/base/disposable.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import { type Message, type MessageSource, Subscriber, type SubscriberOptions } from "./subscriber.ts";
import type { RedisNode, RedisTarget } from "./target.ts";

const lookEveryMs = 1_000;

/**
 * Subscribes on every primary of a Cluster. A message reaches all nodes, but `PUBLISH` counts the listeners of its own
 * node only (https://redis.io/docs/latest/commands/publish/), and a script takes a count of 0 for a daemon that is
 * gone. So every message arrives once for each node, with the name of the one it was heard from.
 */
export class ClusterSubscriber implements MessageSource {
  readonly #target: RedisTarget;
  readonly #channels: readonly string[];
  readonly #options: SubscriberOptions;
  readonly #nodesOf: () => readonly RedisNode[];
  readonly #owned = new Scope();
  readonly #messages = this.#owned.add(new Emitter<Message>());
  readonly #subscribed = this.#owned.add(new Emitter<void>());
  readonly #refused = this.#owned.add(new Emitter<unknown>());
  readonly #nodes = new Map<string, Subscriber>();
  readonly #heard = new Set<string>();

  /** @param nodesOf the primaries as they are known now */
  constructor(
    target: RedisTarget,
    channels: readonly string[],
    options: SubscriberOptions,
    nodesOf: () => readonly RedisNode[],
  ) {
    this.#target = target;
    this.#channels = channels;
    this.#options = options;
    this.#nodesOf = nodesOf;
    this.#owned.add(every(lookEveryMs, () => this.look()));
  }

  readonly onMessage = this.#messages.event;
  readonly onSubscribed = this.#subscribed.event;
  readonly onRefused = this.#refused.event;

  /** Follows the primaries there are; happens by itself from time to time. */
  look(): void {
    const nodes = new Map(this.#nodesOf().map((node) => [`${node.host}:${node.port}`, node]));
    // None known: the Cluster is away, and will be back.
    if (nodes.size === 0 || this.#owned.disposed) return;
    for (const [name, node] of nodes) if (!this.#nodes.has(name)) this.#add(name, node);
    for (const [name, subscriber] of this.#nodes) {
      if (nodes.has(name)) continue;
      subscriber.dispose();
      this.#nodes.delete(name);
      this.#heard.delete(name);
    }
  }

  dispose(): void {
    this.#owned.dispose();
    for (const subscriber of this.#nodes.values()) subscriber.dispose();
    this.#nodes.clear();
  }

  #add(name: string, { host, port }: RedisNode): void {
    const { nodes: _, ...target } = this.#target;
    const options = { ...target.options, host, port };
    const subscriber = new Subscriber({ ...target, options }, this.#channels, this.#options);
    this.#nodes.set(name, subscriber);
    subscriber.onMessage((message) => this.#messages.fire(message));
    subscriber.onRefused((error) => this.#refused.fire(error));
    subscriber.onSubscribed(() => {
      this.#heard.add(name);
      if (this.#heard.size === this.#nodes.size) this.#subscribed.fire();
    });
  }
}
