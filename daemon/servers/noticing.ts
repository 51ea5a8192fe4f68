import { stat } from "node:fs/promises";
import { join } from "node:path";
import { sessionKey } from "../../shared/model/keys.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { type SessionSources, sessionChanged } from "./session-changed.ts";

/** How long a watcher takes to see a change, in milliseconds. */
const noticedMs = 700;
/** The same for those that look at their files once a second. */
const polledMs = 1_700;
const polling: ReadonlySet<string> = new Set(["django", "flask"]);

/** Most segments that a server may put before the paths of its modules (Vite's `base`). */
const mostBaseSegments = 2;

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

/**
 * For how much longer modules that were just loaded may be as they were before their last change: the server answers from
 * what it knows until its watcher has told it of a change, and then says so.
 * @param paths of the modules on the server
 * @param builtAt when the server said anything of a build last, in milliseconds since the epoch
 * @param now milliseconds since the epoch
 * @returns milliseconds; 0 where all changes are noticed
 */
export async function unnoticedMs(
  record: SessionRecord,
  paths: readonly string[],
  builtAt: number,
  now: number,
): Promise<number> {
  const changes = await Promise.all(paths.map((path) => changedAt(record.settings.cwd, path)));
  const withinMs = noticesWithinMs(record);
  // Archives and other machines give files times that have yet to come: those would be waited for.
  const last = Math.max(0, ...changes.filter((time) => time <= now + withinMs));
  return last > builtAt ? Math.min(withinMs, Math.max(0, Math.ceil(last + withinMs - now))) : 0;
}

/** When the file of a module was changed, in milliseconds since the epoch; 0 where it isn't found below the app. */
async function changedAt(cwd: string, path: string): Promise<number> {
  const segments = path.split("/").filter(Boolean).map(decoded);
  // A server's path is foreign: it leads nowhere but down.
  if (segments.some((one) => one === ".." || /[/\\\0]/.test(one))) return 0;
  for (let base = 0; base <= mostBaseSegments && base < segments.length; base++) {
    const found = await stat(join(cwd, ...segments.slice(base))).catch(() => undefined);
    if (found?.isFile()) return found.mtimeMs;
  }
  return 0;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
