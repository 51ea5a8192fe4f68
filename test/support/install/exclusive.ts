import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { waitFor } from "../wait.ts";

/**
 * Runs `work` while no other process runs work under the same lock file. An open exclusive transaction is a lock that
 * the operating system drops when its holder dies, however it dies.
 * @param timeoutMs how long to wait for another holder, in milliseconds
 */
export async function exclusively<T>(
  lockFile: string,
  timeoutMs: number,
  work: () => Promise<T>,
): Promise<T> {
  mkdirSync(dirname(lockFile), { recursive: true });
  const database = new DatabaseSync(lockFile, { timeout: 0 });
  try {
    const options = { timeoutMs, intervalMs: 200 };
    await waitFor(`another test run to finish installing (${lockFile})`, () => tryLock(database), options);
    return await work();
  } finally {
    database.close();
  }
}

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    if (error instanceof Error && /locked|busy/.test(error.message)) return false;
    throw error;
  }
}
