import type { Handlers } from "./contract.ts";
import type { Parts } from "./parts.ts";

export function journalHandlers({ journal }: Parts): Pick<Handlers, "journal/read"> {
  return { "journal/read": async (page) => journal.page(page) };
}
