import { chmodSync, mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { pause } from "../../../shared/base/deadline.ts";
import type { Disposable } from "../../../shared/base/disposable.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import { DevlatchError, hasCode } from "../../../shared/base/errors.ts";
import { backUp, migrate } from "./migrations.ts";
import { isBusy, isGarbage, unusable } from "./problems.ts";

/** How long SQLite itself waits for a lock: it blocks the event loop. */
const blockingWaitMs = 20;
/** How long a call waits for a lock altogether. */
const waitMs = 2_000;
const slowestRetryMs = 40;

export type Row = Readonly<Record<string, unknown>>;

/** One SQLite file in WAL mode. Every call is one transaction and ends in bounded time. */
export class Database implements Disposable {
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #healthChanged = new Emitter<boolean>();
  readonly #closing = new AbortController();
  #healthy = true;

  constructor(file: string, database: DatabaseSync) {
    this.#file = file;
    this.#database = database;
  }

  get healthy(): boolean {
    return this.#healthy;
  }

  readonly onHealthChanged = this.#healthChanged.event;

  /** Runs `work` in a write transaction; it must not await. @throws DevlatchError `STORE_UNAVAILABLE` within 2 s */
  write<T>(work: () => T): Promise<T> {
    return this.#run(() => {
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        this.#database.exec("COMMIT");
        return result;
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
        throw error;
      }
    });
  }

  /** Runs one reading statement. @throws DevlatchError `STORE_UNAVAILABLE` within 2 s */
  read(sql: string, ...values: SQLInputValue[]): Promise<readonly Row[]> {
    return this.#run(() => this.all(sql, ...values));
  }

  /** For use within `write`. */
  all(sql: string, ...values: SQLInputValue[]): readonly Row[] {
    return this.#prepare(sql).all(...values);
  }

  /** For use within `write`. */
  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...values);
  }

  /** For use within `write`. @returns the number of rows changed */
  change(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  dispose(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(this.#closed());
    this.#healthChanged.dispose();
    this.#statements.clear();
    this.#database.close();
  }

  async #run<T>(work: () => T): Promise<T> {
    const begun = performance.now();
    for (;;) {
      this.#closing.signal.throwIfAborted();
      try {
        const result = work();
        this.#setHealthy(true);
        return result;
      } catch (error) {
        if (hasCode(error)) throw error;
        if (!isBusy(error) || performance.now() - begun > waitMs) {
          this.#setHealthy(false);
          throw unusable(this.#file, error);
        }
      }
      // Waiting here and not inside SQLite keeps the event loop free; chance keeps rivals out of step.
      await pause(1 + Math.random() * slowestRetryMs, this.#closing.signal);
    }
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #setHealthy(healthy: boolean): void {
    if (this.#healthy === healthy) return;
    this.#healthy = healthy;
    this.#healthChanged.fire(healthy);
  }

  #closed(): DevlatchError {
    return new DevlatchError("STORE_UNAVAILABLE", `${this.#file} is closed.`, "Start the daemon again.");
  }
}

/**
 * Opens the file, makes it where it is missing, and brings it to this build's version. A broken file is set aside.
 * @param onBroken hears where a broken file went
 * @throws DevlatchError `STORE_UNAVAILABLE` if the file can't be used
 */
export async function openDatabase(file: string, onBroken: (asideFile: string) => void): Promise<Database> {
  const begun = performance.now();
  for (;;) {
    try {
      return new Database(file, openSound(file));
    } catch (error) {
      if (hasCode(error)) throw error;
      if (isGarbage(error)) onBroken(setAside(file));
      else if (!isBusy(error) || performance.now() - begun > waitMs) throw unusable(file, error);
    }
    await pause(1 + Math.random() * slowestRetryMs, new AbortController().signal);
  }
}

function openSound(file: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(file, { timeout: blockingWaitMs });
  try {
    chmodSync(file, 0o600);
    database.exec("PRAGMA journal_mode=WAL");
    database.exec("PRAGMA synchronous=NORMAL");
    checkPages(database);
    backUp(database, file);
    database.exec("BEGIN IMMEDIATE");
    migrate(database, file);
    database.exec("COMMIT");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A file can open well and be broken further in. */
function checkPages(database: DatabaseSync): void {
  const found = database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
  if (found !== "ok") throw Object.assign(new Error(`quick_check: ${found}`), { errcode: 11 });
}

/** Moves the file and its companions out of the way: nothing is deleted. @returns the new name */
function setAside(file: string): string {
  const aside = `${file}.corrupt-${new Date().toISOString().replace(/[:.]/g, "-")}`;
  renameSync(file, aside);
  for (const companion of ["-wal", "-shm"]) {
    try {
      renameSync(file + companion, aside + companion);
    } catch {
      // It isn't there in most cases; SQLite checks a left-over one against the new file anyway.
    }
  }
  return aside;
}
