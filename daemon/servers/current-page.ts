import { sessionKey } from "../../shared/model/keys.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { type Noticing, noticingOf } from "./noticing.ts";
import { type PageVisit, type VisitLimits, visitPage } from "./page-visit.ts";
import { type SessionSources, sessionChanged } from "./session-changed.ts";

const noticed: Noticing = { leftMs: 0, isTold: true, areKnown: true };

/** Most visits of one page because files changed meanwhile. */
const mostVisits = 4;

/** What a page is with its files as they are now. */
export interface CurrentPage {
  readonly visit: PageVisit;
  /** All that the page leads to was loaded as its files are now: what the server may say besides is about nothing of it. */
  readonly tellsAll: boolean;
}

/**
 * Visits a page, and again where what it loads was changed so lately that the server may have answered from what it knew.
 * @throws DevlatchError `INVALID_INPUT` for a path that leads to another server, the signal's reason
 */
export async function visitCurrent(
  sources: SessionSources,
  record: SessionRecord,
  path: string,
  limits: VisitLimits,
): Promise<CurrentPage> {
  const { builds } = sources;
  const builtAt = () => builds.heardOf(record)?.builtAt ?? 0;
  for (let visits = 1; ; visits++) {
    // What is told while the page is asked for may be of a change that the answer doesn't have yet.
    const before = builtAt();
    const visit = await visitPage(sources, record, path, limits);
    await builds.look(record);
    const { modules, isWhole = false } = visit.kind === "answered" ? visit : {};
    const noticing = modules ? await noticingOf(record, modules, before, Date.now()) : noticed;
    const { leftMs, isTold, areKnown } = noticing;
    if (leftMs === 0) return { visit, tellsAll: isWhole && areKnown && answersTell(record) };
    if (visits === mostVisits) return { visit, tellsAll: false };
    const until = performance.now() + leftMs;
    for (let left = leftMs; left > 0 && (isTold || builtAt() === before); left = until - performance.now())
      await sessionChanged(sources, sessionKey(record), left, limits.signal);
  }
}

/** Whether a framework runs nothing for a page but what the page loads: the others render it on their server. */
function answersTell({ framework }: SessionRecord): boolean {
  return framework === "vite";
}
