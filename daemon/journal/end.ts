import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { JournalPage } from "../../shared/model/journal.ts";
import { currentGeneration } from "./generations.ts";
import { readPage } from "./pages.ts";

/** How long a writer is waited for, in milliseconds. */
const busyTimeoutMs = 500;

/**
 * The last entries, for a reader that only looks: nothing is made, migrated or set aside.
 * @param file path of the journal's first generation
 * @throws an error of SQLite where the file can't be read or is damaged
 */
export function readJournalEnd(file: string, limit: number): JournalPage {
  const { path } = currentGeneration(file);
  // SQLite would make it.
  if (!existsSync(path)) return { entries: [], next: 0, prev: null };
  const database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
  try {
    return readPage(database, { limit });
  } finally {
    database.close();
  }
}
