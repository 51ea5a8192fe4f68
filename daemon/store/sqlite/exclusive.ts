import { chmodSync, mkdirSync, truncateSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Disposable } from "../../../shared/base/disposable.ts";
import { isBusy, isGarbage, unusable } from "./problems.ts";

/** A handle without a reference would be collected, and its lock with it: the holder of a lock may well forget it. */
const held = new Set<DatabaseSync>();

/**
 * Takes the operating system's lock on a file, as an open SQLite transaction: it ends with the process, however that
 * ends, and works on all systems.
 *
 * `BEGIN IMMEDIATE` takes SQLite's RESERVED lock, which one handle can have. EXCLUSIVE would need all readers to leave
 * first: of two that try at the same moment both could fail. Nothing is ever written, so the file stays empty; that
 * makes cutting a garbage file to nothing safe even while others do the same, since it changes neither the file's
 * identity nor a lock on it. Nothing else may open the file in this process: closing any handle of it drops POSIX
 * locks (https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_).
 *
 * @param file created where missing, with its directory (0700)
 * @returns undefined at once if another process or handle holds it
 * @throws DevlatchError `STORE_UNAVAILABLE` if the file can't be used at all
 */
export function holdExclusive(file: string): Disposable | undefined {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    return tryHold(file);
  } catch (error) {
    if (!isGarbage(error)) throw unusable(file, error);
  }
  try {
    truncateSync(file);
    return tryHold(file);
  } catch (error) {
    throw unusable(file, error);
  }
}

function tryHold(file: string): Disposable | undefined {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    // Without it a rollback journal would appear beside the file.
    database.exec("PRAGMA journal_mode=MEMORY");
    database.exec("BEGIN IMMEDIATE");
    chmodSync(file, 0o600);
    held.add(database);
    return { dispose: () => held.delete(database) && database.close() };
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}
