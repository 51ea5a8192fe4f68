import { randomToken } from "../../../shared/base/token.ts";
import type { EventStore, StoredEvent } from "../contract.ts";
import type { Connection } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { runScript, scripts } from "./scripts.ts";

const keptEvents = 10_000;
/** How long an event remembers that it was appended, in milliseconds. */
const appendMarkMs = 60_000;

/** Events in a Redis stream whose ids carry our own sequence. */
export class RedisEvents implements EventStore {
  readonly #connection: Connection;
  readonly #keys: Keys;

  constructor(connection: Connection, keys: Keys) {
    this.#connection = connection;
    this.#keys = keys;
  }

  async append(kind: string, data: unknown): Promise<number> {
    const keys = [...this.#keys.events, this.#keys.appended(randomToken())];
    const args = [kind, JSON.stringify(data ?? null), keptEvents, appendMarkMs];
    const [, sequence] = await this.#connection.run((redis) => runScript(redis, scripts.append, keys, args));
    return Number(sequence);
  }

  async read(cursor: number, limit: number): Promise<readonly StoredEvent[]> {
    const [stream] = this.#keys.events;
    const entries = await this.#connection.run((redis) =>
      redis.xrange(stream, `${cursor + 1}-0`, "+", "COUNT", limit),
    );
    return entries.map(([id, fields]) => toEvent(id, fields));
  }
}

/** The fields are written in this order by append-3.lua: time, kind, data. */
function toEvent(id: string, fields: readonly string[]): StoredEvent {
  const [, time, , kind = "", , data = "null"] = fields;
  return { seq: Number.parseInt(id, 10), time: Number(time), kind, data: JSON.parse(data) as unknown };
}
