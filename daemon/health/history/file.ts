import { chmodSync, renameSync, rmSync } from "node:fs";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import type { Disposable } from "../../../shared/base/disposable.ts";
import { HealthStatus } from "../../../shared/model/health.ts";
import { HealthSample } from "../../../shared/model/health-history.ts";
import { isGarbage } from "../../store/sqlite/problems.ts";

/** How long SQLite waits for the only other writer, the database check, in milliseconds: it blocks the event loop. */
const busyTimeoutMs = 50;

/** Times in milliseconds; values are JSON. */
const table = `CREATE TABLE IF NOT EXISTS sample (
  time INTEGER NOT NULL, component TEXT NOT NULL, span INTEGER NOT NULL, looks INTEGER NOT NULL,
  status TEXT NOT NULL, summary TEXT NOT NULL, average REAL NOT NULL, max REAL NOT NULL, measured TEXT NOT NULL,
  PRIMARY KEY (time, component)
) STRICT, WITHOUT ROWID`;

/** Where a reader stands: after this sample. */
export interface Place {
  readonly time: number;
  readonly component: string;
}

/** What is asked of the samples. */
export interface SampleQuery {
  readonly after: Place;
  /** Up to this time, inclusive. */
  readonly to: number;
  readonly component?: string | undefined;
  /** No hours. */
  readonly single?: boolean;
  /** -1: all. */
  readonly limit: number;
}

/** The samples in one SQLite file, opened when first needed. A damaged file is set aside, and an empty one begun. */
export class HistoryFile implements Disposable {
  readonly #file: string;
  readonly #onProblem: (problem: string) => void;
  #database: DatabaseSync | undefined;

  /** @param onProblem hears in a sentence that a damaged file was set aside */
  constructor(file: string, onProblem: (problem: string) => void) {
    this.#file = file;
    this.#onProblem = onProblem;
  }

  /** In the order of time, then component. @throws an error of SQLite */
  read({ after, to, component, single = false, limit }: SampleQuery): HealthSample[] {
    return this.#with((database) =>
      database
        .prepare(
          `SELECT * FROM sample WHERE (time, component) > (?, ?) AND time <= ? AND component = ifnull(?, component)
             AND (span = 0 OR ? = 0) ORDER BY time, component LIMIT ?`,
        )
        .all(after.time, after.component, to, component ?? null, Number(single), limit)
        .map(sampleOf),
    );
  }

  /** The state that was written last. @throws an error of SQLite */
  lastStatus(component: string): HealthStatus | undefined {
    const sql = "SELECT status FROM sample WHERE component = ? ORDER BY time DESC LIMIT 1";
    const row = this.#with((database) => database.prepare(sql).get(component));
    return row && HealthStatus.parse(row["status"]);
  }

  /** Writes these and removes what is older than a time or has gone into them. @throws an error of SQLite */
  replace(
    samples: readonly HealthSample[],
    remove: { readonly before: number; readonly singleBefore: number },
  ): void {
    this.#with((database) =>
      transaction(database, () => {
        database
          .prepare("DELETE FROM sample WHERE time < ? OR (time < ? AND span = 0)")
          .run(remove.before, remove.singleBefore);
        for (const sample of samples) write(database, sample);
      }),
    );
  }

  /** @throws an error of SQLite */
  add(samples: readonly HealthSample[]): void {
    this.#with((database) =>
      transaction(database, () => {
        for (const sample of samples) write(database, sample);
      }),
    );
  }

  /** @returns where the file went */
  setAside(): string {
    this.dispose();
    const aside = `${this.#file}.damaged`;
    renameSync(this.#file, aside);
    for (const suffix of ["-wal", "-shm"]) rmSync(this.#file + suffix, { force: true });
    return aside;
  }

  dispose(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  #with<T>(work: (database: DatabaseSync) => T): T {
    try {
      return work(this.#open());
    } catch (error) {
      if (!isGarbage(error)) throw error;
      this.#onProblem(
        `The health history was damaged (${String(error)}) and set aside as ${this.setAside()}.`,
      );
      return work(this.#open());
    }
  }

  #open(): DatabaseSync {
    if (this.#database !== undefined) return this.#database;
    const database = new DatabaseSync(this.#file, { timeout: busyTimeoutMs });
    try {
      // Not through a handle of its own: closing that would drop this process' locks on the file (POSIX).
      chmodSync(this.#file, 0o600);
      database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${table}`);
    } catch (error) {
      database.close();
      throw error;
    }
    this.#database = database;
    return database;
  }
}

function transaction(database: DatabaseSync, work: () => void): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    work();
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function write(database: DatabaseSync, sample: HealthSample): void {
  const { time, component, spanMs, looks, status, summary, latencyMs, values } = sample;
  database
    .prepare("INSERT OR REPLACE INTO sample VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
    .run(
      ...[Math.round(time), component, spanMs, looks, status, summary],
      ...[latencyMs.average, latencyMs.max, JSON.stringify(values)],
    );
}

function sampleOf(row: Record<string, SQLOutputValue>): HealthSample {
  return HealthSample.parse({
    time: row["time"],
    component: row["component"],
    spanMs: row["span"],
    looks: row["looks"],
    status: row["status"],
    summary: row["summary"],
    latencyMs: { average: row["average"], max: row["max"] },
    values: JSON.parse(String(row["measured"])),
  });
}
