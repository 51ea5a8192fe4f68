/**
 * Prints the journal's last entries, as a `JournalPage` in JSON, for clients that find no daemon to ask.
 * Arguments: file, limit. Says why on standard error where that can't be done.
 */
import { readJournalEnd } from "./end.ts";

const [file = "", limit = ""] = process.argv.slice(2);
try {
  process.stdout.write(JSON.stringify(readJournalEnd(file, Number(limit))));
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
