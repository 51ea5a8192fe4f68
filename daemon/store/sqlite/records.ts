import { Emitter } from "../../../shared/base/emitter.ts";
import { recordConflict } from "../conflict.ts";
import type { RecordStore, Versioned } from "../store.ts";
import type { Database, Row } from "./database.ts";

/** Records in SQLite. */
export class SqliteRecords implements RecordStore {
  readonly #database: Database;
  readonly #changed = new Emitter<{ key: string }>();
  #newest = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  readonly onChanged = this.#changed.event;

  async get(key: string): Promise<Versioned | undefined> {
    const [row] = await this.#database.read("SELECT key, version, value FROM record WHERE key = ?", key);
    return row && toVersioned(row);
  }

  async list(prefix: string): Promise<readonly Versioned[]> {
    const rows = await this.#database.read(
      "SELECT key, version, value FROM record WHERE substr(key, 1, length(?)) = ? ORDER BY key",
      prefix,
      prefix,
    );
    return rows.map(toVersioned);
  }

  async put(key: string, value: unknown, expected: number): Promise<number> {
    const text = JSON.stringify(value);
    const version = expected === 0 ? this.#nextFirst() : expected + 1;
    await this.#database.write(() => {
      const row = this.#database.get("SELECT version FROM record WHERE key = ?", key);
      const found = Number(row?.["version"] ?? 0);
      if (found !== expected) throw recordConflict(key, found);
      this.#database.change("INSERT OR REPLACE INTO record VALUES (?, ?, ?)", key, version, text);
    });
    this.#changed.fire({ key });
    return version;
  }

  /** Version of a new record: the clock in microseconds, as in `../redis/scripts/put-2.lua`. */
  #nextFirst(): number {
    const micros = Math.floor((performance.timeOrigin + performance.now()) * 1_000);
    this.#newest = Math.max(this.#newest + 1, micros);
    return this.#newest;
  }

  async delete(key: string, expected: number): Promise<boolean> {
    const sql = "DELETE FROM record WHERE key = ? AND version = ?";
    const deleted = (await this.#database.write(() => this.#database.change(sql, key, expected))) > 0;
    if (deleted) this.#changed.fire({ key });
    return deleted;
  }
}

function toVersioned(row: Row): Versioned {
  return {
    key: String(row["key"]),
    version: Number(row["version"]),
    value: JSON.parse(String(row["value"])) as unknown,
  };
}
