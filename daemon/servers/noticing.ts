import { opendir, stat } from "node:fs/promises";
import { join } from "node:path";
import { sessionKey } from "../../shared/model/keys.ts";
import type { BuildError } from "../../shared/model/output.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { type SessionSources, sessionChanged } from "./session-changed.ts";

/** How long a watcher takes to see a change, in milliseconds. */
const noticedMs = 700;
/** The same for those that look at their files once a second. */
const polledMs = 1_700;
const polling: ReadonlySet<string> = new Set(["django", "flask"]);
/** TypeScript looks for modules that it missed once a second, too. */
const missing = /^TS(?:2307|6053|2882): /;

/** How long a word of one change may come before that of another one that was made with it, in milliseconds. */
const togetherMs = 150;

/** Most segments that a server may put before the paths of its modules (Vite's `base`). */
const mostBaseSegments = 2;
/** Below the app's directory, where Vite's servers have what they hand out. */
const roots = [".", "public"];
/** Most entries beside the app's package.json that are looked at: they may configure the build. */
const mostBeside = 256;

/**
 * How long what watches a session's files may take to say that they changed, in milliseconds.
 * @param errors those that are known: what was missed may have been made since
 */
export function noticesWithinMs(
  { framework = "" }: Pick<SessionRecord, "framework">,
  errors: readonly Pick<BuildError, "message">[] = [],
): number {
  return polling.has(framework) || errors.some(({ message }) => missing.test(message)) ? polledMs : noticedMs;
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

/** What can be told of the changes of a server's modules. */
export interface Noticing {
  /** For how much longer modules may be as they were before their last change, in milliseconds; 0: all is noticed. */
  readonly leftMs: number;
  /** Something was said since: what is left is for what was changed together with it. */
  readonly isTold: boolean;
  /** The file of each module is known. One that isn't may have been changed, or removed, unseen. */
  readonly areKnown: boolean;
}

/**
 * For how much longer modules that were just loaded may be as they were before their last change: the server answers from
 * what it knows until its watcher has told it of a change, and then says so.
 * @param paths of the modules on the server
 * @param builtAt when the server said anything of a build last, in milliseconds since the epoch
 * @param now milliseconds since the epoch
 */
export async function noticingOf(
  record: SessionRecord,
  paths: readonly string[],
  builtAt: number,
  now: number,
): Promise<Noticing> {
  const { cwd } = record.settings;
  const changes = await Promise.all(paths.map((path) => changedAt(cwd, path)));
  const beside = await changedBeside(cwd);
  const withinMs = noticesWithinMs(record);
  const [lastModule, lastBeside] = [lastOf(changes, now + withinMs), lastOf(beside, now + withinMs)];
  const isTold = Math.max(lastModule, lastBeside) <= builtAt;
  // What configures the build takes longer to be read than the modules that were changed with it.
  const last = Math.max(lastModule > builtAt ? lastModule : lastModule - withinMs + togetherMs, lastBeside);
  const leftMs = Math.min(withinMs, Math.max(0, Math.ceil(last + withinMs - now)));
  return { leftMs, isTold, areKnown: ![...changes, ...beside].includes(undefined) };
}

/** The last of these times; archives and other machines give files times that have yet to come: those would be waited for. */
function lastOf(times: readonly (number | undefined)[], until: number): number {
  return Math.max(0, ...times.filter((time) => time !== undefined && time <= until).map(Number));
}

/** When the file of a module was changed, in milliseconds since the epoch; undefined where it isn't found below the app. */
async function changedAt(cwd: string, path: string): Promise<number | undefined> {
  const segments = path.split("/").filter(Boolean).map(decoded);
  // A server's path is foreign: it leads nowhere but down.
  if (segments.some((one) => one === ".." || /[/\\\0]/.test(one))) return undefined;
  for (const root of roots) {
    for (let base = 0; base <= mostBaseSegments && base < segments.length; base++) {
      const time = await fileTime(join(cwd, root, ...segments.slice(base)));
      if (time !== undefined) return time;
    }
  }
  return undefined;
}

/**
 * When the files in the app's directory itself were changed: configuration restarts the server, and may be wrong. One
 * undefined where there are more than are looked at.
 */
async function changedBeside(cwd: string): Promise<readonly (number | undefined)[]> {
  const names = await namesIn(cwd).catch(() => []);
  if (names.length > mostBeside) return [undefined];
  const times = await Promise.all(names.map((name) => fileTime(join(cwd, name))));
  return times.filter((time) => time !== undefined);
}

/** @returns one more than is looked at where there are more */
async function namesIn(directory: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of await opendir(directory)) {
    names.push(name);
    if (names.length > mostBeside) break;
  }
  return names;
}

/** @returns when a file was changed, in milliseconds since the epoch; undefined where there is no such file */
async function fileTime(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.mtimeMs : undefined;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
