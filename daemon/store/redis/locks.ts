import { Emitter } from "../../../shared/base/emitter.ts";
import { joinReplies } from "../renewals.ts";
import type { AcquireReply, LockEntry, LockRequest, LockStore, Renewal, RenewalReply } from "../store.ts";
import { cancelMarkMs } from "../store.ts";
import type { RedisClient } from "./client.ts";
import type { Connection } from "./connection.ts";
import type { HighWaterMark } from "./high-water-mark.ts";
import { type Keys, tagOf } from "./keys.ts";
import { checkReply } from "./replies.ts";
import { type Reply, runScript, scripts } from "./scripts.ts";

/** How often a hash tag in use is written to the list of tags again, in milliseconds (it may have been flushed). */
const tagNoticeMs = 30_000;

/** What a shelf has besides locks (`scripts/include/lock.lua`). */
const shelfFields = ["", "?", "@", "!"];

/** Locks in Redis. One script per step; grants come back on this daemon's channel. */
export class RedisLocks implements LockStore {
  readonly #connection: Connection;
  readonly #keys: Keys;
  readonly #channel: string;
  readonly #mark: HighWaterMark | undefined;
  readonly #granted = new Emitter<{ key: string; token: string; fence: number }>();
  readonly #reconnected = new Emitter<void>();
  readonly #lossNoticed = new Emitter<void>();
  readonly #noticedTags = new Map<string, number>();
  /** Highest fence seen by hash tag: Redis knowing less means that it lost its data. */
  readonly #highest = new Map<string, number>();

  /**
   * @param daemon names the channel grants are pushed to
   * @param mark what this home has seen of fences; without it only what this process has seen
   */
  constructor(connection: Connection, keys: Keys, daemon: string, mark?: HighWaterMark) {
    this.#connection = connection;
    this.#keys = keys;
    this.#channel = keys.grantChannel(daemon);
    this.#mark = mark;
  }

  readonly onGranted = this.#granted.event;
  readonly onReconnected = this.#reconnected.event;
  /** Fires when a lock had to be written again because Redis had lost its data. */
  readonly onLossNoticed = this.#lossNoticed.event;

  async acquire(request: LockRequest, waitMs: number): Promise<AcquireReply> {
    const { key, token, owner, ttlMs } = request;
    const keys = [...this.#keys.lockKeys(key), this.#keys.cancelled(key, token)];
    const known = this.#highest.get(tagOf(key)) ?? 0;
    const args = [
      key,
      token,
      owner,
      Math.ceil(ttlMs),
      Math.ceil(waitMs),
      this.#channel,
      known,
      this.#mark?.floor ?? 0,
    ];
    const raw = await this.#connection.run(async (redis) => {
      this.#noticeTag(redis, tagOf(key));
      return runScript(redis, scripts.acquire, keys, args);
    });
    const reply = toAcquireReply(checkReply(key, raw));
    if (reply.kind === "granted") this.#know(key, reply.fence);
    return reply;
  }

  async cancel(key: string, token: string): Promise<void> {
    const keys = [...this.#keys.lockKeys(key), this.#keys.cancelled(key, token)];
    await this.#connection.run((redis) => runScript(redis, scripts.cancel, keys, [key, token, cancelMarkMs]));
  }

  async release(key: string, token: string): Promise<boolean> {
    const keys = this.#keys.lockKeys(key);
    const [code] = await this.#connection.run((redis, isRepetition) =>
      runScript(redis, scripts.release, keys, [key, token, isRepetition ? 1 : 0]),
    );
    return code === "released";
  }

  async break(key: string, fence: number): Promise<boolean> {
    const keys = this.#keys.lockKeys(key);
    const [code] = await this.#connection.run((redis) => runScript(redis, scripts.break, keys, [key, fence]));
    return code === "broken";
  }

  async renew(locks: readonly Renewal[]): Promise<RenewalReply> {
    const groups = Object.entries(Object.groupBy(locks, ({ key }) => tagOf(key)));
    return joinReplies(
      groups.map(([tag, group = []]) => ({
        keys: group.map(({ key }) => key),
        reply: this.#renewGroup(tag, group).then((lost) => ({ lost, unknown: [] })),
      })),
    );
  }

  async adopt(
    key: string,
    fence: number,
    holder?: LockRequest,
    waiting: readonly string[] = [],
  ): Promise<number> {
    const { token = "", owner = "", ttlMs = 0 } = holder ?? {};
    const known = this.#highest.get(tagOf(key)) ?? 0;
    const args = [key, token, owner, Math.ceil(ttlMs), fence, known, ...waiting];
    const [, highest] = await this.#connection.run((redis) =>
      runScript(redis, scripts.adopt, this.#keys.lockKeys(key), args),
    );
    if (holder) await this.#connection.run((redis) => this.#writeTag(redis, tagOf(key)));
    this.#know(key, fence);
    return Number(highest);
  }

  /** Its waiters need nothing: their channel has no listener any more, so they are passed over. */
  async abandon(instance: string): Promise<void> {
    const release = async (key: string) => {
      const token = await this.#connection.run((redis) => redis.hget(this.#keys.lock(key), "token"));
      if (token?.startsWith(instance)) await this.release(key, token);
    };
    await Promise.all((await this.#heldKeys()).map(release));
  }

  async list(): Promise<readonly LockEntry[]> {
    const keys = await this.#heldKeys();
    const entries = await Promise.all(keys.map((key) => this.#inspect(key)));
    return entries.filter((entry) => entry !== undefined).sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /**
   * A grant as it came on the channel: `<server> <fence> <token> <key>`.
   * @param server the one it was heard from; a push of another one didn't count us as a listener, and may be void
   */
  receive(text: string, server: string): void {
    const [, sender, fence, token, key] = /^(\w+) (\d+) (\S+) (.*)$/s.exec(text) ?? [];
    if (sender !== server) return;
    if (fence === undefined || token === undefined || key === undefined) return;
    this.#know(key, Number(fence));
    this.#granted.fire({ key, token, fence: Number(fence) });
  }

  /** To be called when the channel is heard again. */
  resync(): void {
    this.#reconnected.fire();
  }

  #know(key: string, fence: number): void {
    const tag = tagOf(key);
    this.#highest.set(tag, Math.max(fence, this.#highest.get(tag) ?? 0));
    this.#mark?.saw(fence);
  }

  async #renewGroup(tag: string, group: readonly Renewal[]) {
    const keys = [this.#keys.shelf(tag), ...group.map(({ key }) => this.#keys.lock(key))];
    const args = group.flatMap(({ key, token, ttlMs, fence = 0, owner = "" }) => [
      key,
      token,
      Math.ceil(ttlMs),
      fence,
      owner,
    ]);
    const [, ...kept] = await this.#connection.run((redis) => runScript(redis, scripts.renew, keys, args));
    // The list of tags went with the rest; without it the locks that were written again would not be found.
    if (kept.includes(2)) {
      await this.#connection.run((redis) => this.#writeTag(redis, tag));
      this.#lossNoticed.fire();
    }
    return group.filter((_, index) => kept[index] === 0).map(({ key }) => key);
  }

  async #heldKeys(): Promise<readonly string[]> {
    const tags = await this.#connection.run((redis) => redis.zrange(this.#keys.tags, 0, "-1"));
    return (await Promise.all(tags.map((tag) => this.#keysOn(tag)))).flat();
  }

  async #keysOn(tag: string): Promise<readonly string[]> {
    const fields = await this.#connection.run((redis) => redis.hkeys(this.#keys.shelf(tag)));
    return fields.filter((field) => !shelfFields.includes(field));
  }

  async #inspect(key: string): Promise<LockEntry | undefined> {
    const keys = this.#keys.lockKeys(key);
    const reply = await this.#connection.run((redis) => runScript(redis, scripts.inspect, keys, [key]));
    const [code, owner, fence, heldMs, ttlMs, waiters, silentMs] = reply;
    if (code !== "held") return undefined;
    return {
      key,
      owner: String(owner),
      fence: Number(fence),
      heldMs: Number(heldMs),
      ttlMs: Number(ttlMs),
      waiters: Number(waiters),
      silentMs: Number(silentMs),
    };
  }

  /** Goes out together with the command it precedes, so it costs no round trip. Missing it only shortens a list. */
  #noticeTag(redis: RedisClient, tag: string): void {
    const now = Date.now();
    if (now - (this.#noticedTags.get(tag) ?? 0) < tagNoticeMs) return;
    this.#noticedTags.set(tag, now);
    this.#writeTag(redis, tag).catch(() => this.#noticedTags.delete(tag));
  }

  #writeTag(redis: RedisClient, tag: string): Promise<unknown> {
    return redis.zadd(this.#keys.tags, String(Date.now()), tag);
  }
}

function toAcquireReply([code, first, second]: Reply): AcquireReply {
  switch (code) {
    case "granted":
      return { kind: "granted", fence: Number(first) };
    case "queued":
      return { kind: "queued", position: Number(first), owner: String(second) };
    default:
      return { kind: "refused", owner: String(first) };
  }
}
