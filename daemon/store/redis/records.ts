import { Emitter } from "../../../shared/base/emitter.ts";
import { randomToken } from "../../../shared/base/token.ts";
import type { RecordStore, Versioned } from "../store.ts";
import type { Connection } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { checkReply } from "./replies.ts";
import { runScript, scripts } from "./scripts.ts";

/** How long a deletion remembers that it was done, in milliseconds. */
const deleteMarkMs = 600_000;

/** Records in Redis: one hash, one index for prefixes, and a channel that tells every daemon what changed. */
export class RedisRecords implements RecordStore {
  readonly #connection: Connection;
  readonly #keys: Keys;
  readonly #daemon: string;
  readonly #changed = new Emitter<{ key: string }>();
  /** Keys known to exist, to tell after a gap what may have changed or gone. */
  readonly #known = new Set<string>();

  /** @param daemon tells this daemon's own changes, which it reports itself, from those of others */
  constructor(connection: Connection, keys: Keys, daemon: string) {
    this.#connection = connection;
    this.#keys = keys;
    this.#daemon = daemon;
  }

  readonly onChanged = this.#changed.event;

  async get(key: string): Promise<Versioned | undefined> {
    const text = await this.#connection.run((redis) => redis.hget(this.#keys.records[0], key));
    return text === null ? undefined : parseRecord(key, text);
  }

  async list(prefix: string): Promise<readonly Versioned[]> {
    const [, ...flat] = await this.#connection.run((redis) =>
      runScript(redis, scripts.list, this.#keys.records, [prefix]),
    );
    const records: Versioned[] = [];
    for (let i = 0; i + 1 < flat.length; i += 2)
      records.push(parseRecord(String(flat[i]), String(flat[i + 1])));
    return records;
  }

  async put(key: string, value: unknown, expected: number): Promise<number> {
    const args = [
      key,
      JSON.stringify(value),
      expected,
      randomToken(),
      this.#keys.recordChannel,
      this.#daemon,
    ];
    const reply = await this.#connection.run((redis) =>
      runScript(redis, scripts.put, this.#keys.records, args),
    );
    const [, version] = checkReply(key, reply);
    this.#report(key);
    return Number(version);
  }

  async delete(key: string, expected: number): Promise<boolean> {
    const keys = [...this.#keys.records, this.#keys.deleted(randomToken())];
    const args = [key, expected, this.#keys.recordChannel, this.#daemon, deleteMarkMs];
    const [code] = await this.#connection.run((redis) => runScript(redis, scripts.delete, keys, args));
    if (code === "deleted") this.#report(key);
    return code === "deleted";
  }

  /** A change as it came on the channel: `<daemon> <key>`. */
  receive(text: string): void {
    const [, daemon, key] = /^(\S+) (.*)$/s.exec(text) ?? [];
    if (key !== undefined && daemon !== this.#daemon) this.#report(key);
  }

  /** Reports every record after messages may have been missed: those there are, and those there were. */
  async resync(): Promise<void> {
    const before = [...this.#known];
    const now = (await this.list("")).map(({ key }) => key);
    this.#known.clear();
    for (const key of new Set([...before, ...now])) this.#report(key);
  }

  #report(key: string): void {
    this.#known.add(key);
    this.#changed.fire({ key });
  }
}

/** `<version> <write> <JSON>` */
function parseRecord(key: string, text: string): Versioned {
  const afterVersion = text.indexOf(" ");
  const afterWrite = text.indexOf(" ", afterVersion + 1);
  return {
    key,
    version: Number(text.slice(0, afterVersion)),
    value: JSON.parse(text.slice(afterWrite + 1)) as unknown,
  };
}
