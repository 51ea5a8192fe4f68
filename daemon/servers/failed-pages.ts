import { sessionKey } from "../../shared/model/keys.ts";
import type { SessionRecord } from "../../shared/model/session.ts";

/** Most sessions whose failed pages are remembered, and most pages of one. */
const mostSessions = 64;
const mostPages = 8;

/** A page that could not be served when it was asked for. */
export interface FailedPage {
  /** As it was asked for. */
  readonly path: string;
  /** The path that failed: the page's own, or that of something the page loads. */
  readonly part: string;
  readonly status: number;
  /** When it was asked for, in milliseconds since the epoch. */
  readonly time: number;
  /** The last message of the thread before that. */
  readonly after: number;
}

/**
 * What visits showed to be broken, by session. A server doesn't repeat itself, so a page that failed counts as broken
 * until it is served, or the server is started anew.
 */
export class FailedPages {
  readonly #sessions = new Map<string, { launchId: string; pages: Map<string, FailedPage> }>();

  /** The pages that failed of the session's running launch, the oldest first. */
  of(record: SessionRecord): readonly FailedPage[] {
    const known = this.#sessions.get(sessionKey(record));
    return known?.launchId === launchOf(record) ? [...known.pages.values()] : [];
  }

  failed(record: SessionRecord, page: FailedPage): void {
    const pages = new Map(this.of(record).map((one) => [one.path, one]));
    if (!pages.has(page.path) && pages.size >= mostPages) pages.delete(pages.keys().next().value ?? "");
    // What was written since it failed first is about it: it isn't always said again.
    pages.set(page.path, { ...page, after: pages.get(page.path)?.after ?? page.after });
    const key = sessionKey(record);
    this.#sessions.delete(key);
    if (this.#sessions.size >= mostSessions) this.#sessions.delete(this.#sessions.keys().next().value ?? "");
    this.#sessions.set(key, { launchId: launchOf(record), pages });
  }

  served(record: SessionRecord, path: string): void {
    if (this.of(record).length > 0) this.#sessions.get(sessionKey(record))?.pages.delete(path);
  }
}

function launchOf({ hosting }: SessionRecord): string {
  return hosting?.kind === "hosted" ? hosting.launchId : "";
}
