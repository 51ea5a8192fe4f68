import { pause } from "../../shared/base/deadline.ts";
import type { JournalPage } from "../../shared/model/journal.ts";
import type { CheckedParams } from "../../shared/protocol/contract.ts";
import type { Journal } from "../journal/journal.ts";
import type { Handlers } from "./contract.ts";
import type { Parts } from "./parts.ts";

/** Pause between two looks for new entries, in milliseconds: session hosts write them too. */
const lookEveryMs = 100;

export function journalHandlers({ journal }: Parts): Pick<Handlers, "journal/read"> {
  return { "journal/read": (params, { signal }) => readPage(journal, params, signal) };
}

/** The next page; waits for a first entry if there is none yet and the caller wants to wait. */
async function readPage(
  journal: Journal,
  { waitMs, ...request }: CheckedParams<"journal/read">,
  signal: AbortSignal,
): Promise<JournalPage> {
  const waitUntil = performance.now() + waitMs;
  let page = journal.page(request);
  while (page.entries.length === 0 && performance.now() < waitUntil) {
    await pause(lookEveryMs, signal);
    if (journal.lastSeq() === page.next) continue;
    page = journal.page({ ...request, cursor: page.next });
  }
  return page;
}
