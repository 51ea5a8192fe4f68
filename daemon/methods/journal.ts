import { nextPage } from "../journal/next-page.ts";
import type { ReadableJournal } from "../journal/readable-journal.ts";
import type { Handlers } from "./handlers.ts";

export function journalMethods(journal: ReadableJournal): Pick<Handlers, "journal/read"> {
  return {
    "journal/read": ({ waitMs, ...request }, { signal }) => nextPage(journal, request, waitMs, signal),
  };
}
