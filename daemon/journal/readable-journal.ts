import type { JournalPage } from "../../shared/model/journal.ts";
import { Journal } from "./journal.ts";
import { type JournalRequest, readPage } from "./pages.ts";
import { boundsOf } from "./schema.ts";

/** The journal for who reads it too. Session hosts only write: what checks entries isn't loaded there. */
export class ReadableJournal extends Journal {
  /**
   * @throws DevlatchError `CURSOR_EXPIRED` when entries after the cursor are no longer kept: `data.oldest` is the
   *   oldest usable cursor; an error of SQLite where the file can't be read
   */
  page(request: JournalRequest): JournalPage {
    this.flush();
    return this.withFile((database) => readPage(database, request));
  }

  /** The last sequence given, by this process or another. @throws an error of SQLite */
  lastSeq(): number {
    return this.withFile((database) => boundsOf(database).last);
  }
}
