import { sessionKey } from "../../shared/model/keys.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { type SessionSources, sessionChanged } from "./session-changed.ts";

/** How long a watcher takes to see a change, in milliseconds. */
const noticedMs = 700;
/** The same for those that look at their files once a second. */
const polledMs = 1_700;
const polling: ReadonlySet<string> = new Set(["django", "flask"]);

/** How long what watches a session's files may take to say that they changed, in milliseconds. */
export function noticesWithinMs({ framework = "" }: Pick<SessionRecord, "framework">): number {
  return polling.has(framework) ? polledMs : noticedMs;
}

/**
 * Waits where a change may take long to be seen: a page that is asked for before is answered by the program as it was.
 * @throws the signal's reason
 */
export async function changesNoticed(
  sources: SessionSources,
  record: SessionRecord,
  signal: AbortSignal,
): Promise<void> {
  if (!polling.has(record.framework ?? "")) return;
  const seq = () => sources.builds.heardOf(record)?.seqs.build ?? 0;
  const [before, until] = [seq(), performance.now() + polledMs];
  for (let left = polledMs; left > 0 && seq() === before; left = until - performance.now())
    await sessionChanged(sources, sessionKey(record), left, signal);
}
