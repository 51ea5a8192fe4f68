import type { Journal } from "../journal/journal.ts";
import { nextPage } from "../journal/next-page.ts";
import type { Handlers } from "./handlers.ts";

export function journalMethods(journal: Journal): Pick<Handlers, "journal/read"> {
  return {
    "journal/read": ({ waitMs, ...request }, { signal }) => nextPage(journal, request, waitMs, signal),
  };
}
