import { pause } from "../../shared/base/deadline.ts";
import type { JournalPage } from "../../shared/model/journal.ts";
import type { JournalRequest } from "./pages.ts";
import type { ReadableJournal } from "./readable-journal.ts";

/** Pause between two looks for new entries, in milliseconds: session hosts write them too. */
const lookEveryMs = 100;

/**
 * The next page; waits for a first entry where there is none yet.
 * @param waitMs longest time, in milliseconds; an empty page then
 * @throws DevlatchError `CURSOR_EXPIRED`; the signal's reason
 */
export async function nextPage(
  journal: Pick<ReadableJournal, "page" | "lastSeq">,
  request: JournalRequest,
  waitMs: number,
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
