import { abortable } from "../../../shared/base/deadline.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";
import type { Store } from "../store.ts";
import { type Database, openDatabase } from "./database.ts";
import { SqliteLocks } from "./locks.ts";
import { SqliteRecords } from "./records.ts";

export interface SqliteStoreOptions {
  /** Made where missing, with its directory. */
  readonly file: string;
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly clock?: () => number;
  /** Hears of a broken file that was set aside. */
  readonly onProblem?: (problem: DevlatchError) => void;
}

/**
 * Opens the embedded store. A broken file is set aside as `<file>.corrupt-<time>` and reported, and an empty one takes
 * its place.
 * @throws DevlatchError `STORE_UNAVAILABLE` when the file can't be written or comes from a newer version
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { file, clock = Date.now, onProblem = () => {} } = options;
  const database = await openDatabase(file, (aside) => onProblem(setAsideProblem(file, aside)));
  return new SqliteStore(database, clock);
}

class SqliteStore implements Store {
  readonly kind = "sqlite";
  readonly locks: SqliteLocks;
  readonly records: SqliteRecords;
  readonly #database: Database;
  readonly #clock: () => number;

  constructor(database: Database, clock: () => number) {
    this.#database = database;
    this.#clock = clock;
    this.locks = new SqliteLocks(database, clock);
    this.records = new SqliteRecords(database);
  }

  get healthy(): boolean {
    return this.#database.healthy;
  }

  get onHealthChanged() {
    return this.#database.onHealthChanged;
  }

  async now(): Promise<number> {
    await this.#database.read("SELECT 1");
    return this.#clock();
  }

  probe(signal: AbortSignal): Promise<number> {
    const begun = performance.now();
    const exchange = this.#database.write(() => {
      this.#database.change("INSERT OR REPLACE INTO probe VALUES (1, ?)", this.#clock());
      this.#database.get("SELECT time FROM probe");
      return performance.now() - begun;
    });
    return abortable(exchange, signal);
  }

  close(): Promise<void> {
    this.dispose();
    return Promise.resolve();
  }

  dispose(): void {
    this.#database.dispose();
  }
}

function setAsideProblem(file: string, aside: string): DevlatchError {
  return new DevlatchError(
    "STORE_UNAVAILABLE",
    `${file} was broken. It is kept as ${aside}, and Devlatch went on with an empty one.`,
    "Sessions that ran before may have to be found again: run devlatch doctor. Delete the broken file when you don't need it.",
  );
}
