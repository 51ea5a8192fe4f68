import { Emitter } from "../../../shared/base/emitter.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";
import { randomToken } from "../../../shared/base/token.ts";
import { type Refusal, Refusals } from "../refusal.ts";
import type { RecordStore, Versioned } from "../store.ts";
import type { Connection } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { checkReply } from "./replies.ts";
import { runScript, scripts } from "./scripts.ts";

/** How long a deletion remembers that it was done, in milliseconds. */
const deleteMarkMs = 600_000;

/** A larger record is refused, and not even fetched; in bytes. */
const mostBytes = 65_536;
/** Version and write before the JSON, in bytes at most. */
const mostBytesAhead = 100;
/** Records of one list at most, and bytes of all of them: who can write there can write any number. */
const mostRecords = 10_000;
const mostBytesOfAll = 32 * 1024 * 1024;

/** Records in Redis: one hash, one index for prefixes, and a channel that tells every daemon what changed. */
export class RedisRecords implements RecordStore {
  readonly #connection: Connection;
  readonly #keys: Keys;
  readonly #daemon: string;
  readonly #refusals: Refusals;
  readonly #changed = new Emitter<{ key: string }>();
  /** Keys known to exist, to tell after a gap what may have changed or gone. */
  readonly #known = new Set<string>();

  /**
   * @param daemon tells this daemon's own changes, which it reports itself, from those of others
   * @param onRefused hears of records that aren't read, once a key
   */
  constructor(connection: Connection, keys: Keys, daemon: string, onRefused?: (refusal: Refusal) => void) {
    this.#refusals = new Refusals(onRefused);
    this.#connection = connection;
    this.#keys = keys;
    this.#daemon = daemon;
  }

  readonly onChanged = this.#changed.event;

  async get(key: string): Promise<Versioned | undefined> {
    const [code, found] = await this.#connection.run((redis) =>
      runScript(redis, scripts.get, this.#keys.records, [key, mostBytes]),
    );
    return code === "none" ? undefined : this.#parse(key, found);
  }

  async list(prefix: string): Promise<readonly Versioned[]> {
    const [, ...flat] = await this.#connection.run((redis) =>
      runScript(redis, scripts.list, this.#keys.records, [prefix, mostBytes, mostRecords, mostBytesOfAll]),
    );
    const records: Versioned[] = [];
    for (let i = 0; i + 1 < flat.length; i += 2) {
      const record = this.#parseIfSound(String(flat[i]), flat[i + 1]);
      if (record) records.push(record);
    }
    return records;
  }

  async put(key: string, value: unknown, expected: number): Promise<number> {
    const text = JSON.stringify(value);
    const bytes = Buffer.byteLength(text);
    if (bytes > mostBytes - mostBytesAhead) throw tooLarge(key, bytes);
    const args = [key, text, expected, randomToken(), this.#keys.recordChannel, this.#daemon];
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

  /** One bad record costs nothing but itself. */
  #parseIfSound(key: string, found: string | number | undefined): Versioned | undefined {
    try {
      return this.#parse(key, found);
    } catch {
      return undefined;
    }
  }

  /** @throws DevlatchError `INTERNAL` for what isn't a record, or too large */
  #parse(key: string, found: string | number | undefined): Versioned {
    if (typeof found === "number")
      throw this.#refusals.refuse(key, `has ${found} bytes, more than ${mostBytes}`);
    const record = parseRecord(key, found ?? "");
    return record ?? this.#unreadable(key);
  }

  #unreadable(key: string): never {
    throw this.#refusals.refuse(key, "is no record");
  }

  #report(key: string): void {
    this.#known.add(key);
    this.#changed.fire({ key });
  }
}

function tooLarge(key: string, bytes: number): DevlatchError {
  return new DevlatchError(
    "INVALID_INPUT",
    `The record ${key} would have ${bytes} bytes; the shared store takes ${mostBytes - mostBytesAhead}.`,
    "Use a shorter command, e.g. a script of package.json.",
  );
}

/** `<version> <write> <JSON>`. @returns undefined for what is something else */
function parseRecord(key: string, text: string): Versioned | undefined {
  const [, version, json] = /^(\d{1,16}) \S+ (.*)$/s.exec(text) ?? [];
  if (version === undefined || json === undefined || !Number.isSafeInteger(Number(version))) return undefined;
  try {
    return { key, version: Number(version), value: JSON.parse(json) as unknown };
  } catch {
    return undefined;
  }
}
