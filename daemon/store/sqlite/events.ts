import type { EventStore, StoredEvent } from "../contract.ts";
import type { Database } from "./database.ts";

const keptEvents = 10_000;

/** Events in SQLite. The oldest go when there are too many. */
export class SqliteEvents implements EventStore {
  readonly #database: Database;
  readonly #clock: () => number;

  /** @param clock milliseconds since the epoch */
  constructor(database: Database, clock: () => number) {
    this.#database = database;
    this.#clock = clock;
  }

  append(kind: string, data: unknown): Promise<number> {
    const text = JSON.stringify(data ?? null);
    return this.#database.write(() => {
      const row = this.#database.get(
        "INSERT INTO event (time, kind, data) VALUES (?, ?, ?) RETURNING seq",
        this.#clock(),
        kind,
        text,
      );
      const seq = Number(row?.["seq"]);
      this.#database.change("DELETE FROM event WHERE seq <= ?", seq - keptEvents);
      return seq;
    });
  }

  async read(cursor: number, limit: number): Promise<readonly StoredEvent[]> {
    const sql = "SELECT seq, time, kind, data FROM event WHERE seq > ? ORDER BY seq LIMIT ?";
    const rows = await this.#database.read(sql, cursor, limit);
    return rows.map((row) => ({
      seq: Number(row["seq"]),
      time: Number(row["time"]),
      kind: String(row["kind"]),
      data: JSON.parse(String(row["data"])) as unknown,
    }));
  }
}
