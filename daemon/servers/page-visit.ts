import { pause } from "../../shared/base/deadline.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { isOwnShell } from "./app-shell.ts";
import { hiddenPartOf, insteadOf } from "./hidden-part.ts";
import { isOutdated } from "./outdated-errors.ts";
import { importedBy, isFromElsewhere, isSound, partsOf } from "./page-parts.ts";
import { servesModules } from "./served-files.ts";
import { type SessionSources, sessionChanged } from "./session-changed.ts";
import { type Answer, pageOf, visit } from "./visit.ts";

/** How soon a server that didn't answer is asked again, in milliseconds. */
const askAgainMs = 200;
/** How long a visit goes on once the build has failed, in milliseconds: what fails in it says more. */
const cutAfterMs = 400;

/**
 * How long a server that refuses is asked again, in milliseconds: a session that listens nowhere is told to have crashed, or
 * to start again, within that time.
 */
const refusesMs = 8_000;

/** What asking a server for a page led to. */
export type PageVisit = {
  readonly path: string;
  /** When it was asked for, in milliseconds since the epoch. */
  readonly time: number;
  /** The last message of the thread that was looked at before that. */
  readonly after: number;
} & (
  | Answered
  /** The page, or something that it loads, is broken. */
  | { readonly kind: "failed"; readonly status: number; readonly part: string }
  | { readonly kind: "silent" }
  /** The build failed, so there is nothing to wait for: some servers hold requests back until it is mended. */
  | { readonly kind: "cut" }
);

interface Answered {
  readonly kind: "answered";
  readonly status: number;
  /** The app's shell came, and there is no such page in it. */
  readonly isMissing?: true;
  /** Paths of the app's own modules that were loaded; none where the framework serves bundles. */
  readonly modules?: readonly string[];
  /** These are all that the page leads to, and the server rendered none of it: no other part of the app can be broken. */
  readonly isWhole?: boolean;
}

/** Most of what one page loads, and what that imports, that is asked for: the server itself follows imports further. */
const mostParts = 256;

/** As browsers ask for what a page loads: who asks for a page is answered with the app's shell, whatever is there. */
const asPart = { accept: "*/*" };

type Outcome =
  | Answered
  | { readonly kind: "failed"; readonly status: number; readonly part: string }
  | { readonly kind: "silent" };

/** How long a visit goes on. */
export interface VisitLimits {
  /** How long a server may be without an answer, in milliseconds: it may just be started again. */
  readonly graceMs: number;
  readonly signal: AbortSignal;
}

/**
 * Asks the session's server for a page and what it loads, so that all of it is compiled. Ends early once the build has
 * failed.
 * @throws DevlatchError `INVALID_INPUT` for a path that leads to another server, the signal's reason
 */
export async function visitPage(
  sources: SessionSources,
  record: SessionRecord,
  path: string,
  limits: VisitLimits,
): Promise<PageVisit> {
  const after = sources.builds.heardOf(record)?.seqs.all ?? 0;
  const asked = { path, time: Date.now(), after };
  if (record.state.kind !== "ready") return { ...asked, kind: "silent" };
  const page = pageOf(record.state.url, path);
  const over = new AbortController();
  const signal = AbortSignal.any([limits.signal, over.signal]);
  try {
    const broken = untilBroken(sources, record, after, { ...limits, signal });
    const outcome = await Promise.race([
      loaded(sources, record, page, { ...limits, signal }),
      broken.then(() => pause(cutAfterMs, signal)).then(() => ({ kind: "cut" as const })),
    ]);
    return { ...asked, ...outcome };
  } finally {
    over.abort(new Error("The visit is over."));
  }
}

async function loaded(
  sources: SessionSources,
  record: SessionRecord,
  page: URL,
  limits: VisitLimits,
): Promise<Outcome> {
  const first = (await insteadOf(page, record, limits.signal)) ?? page;
  const answer = await answerOf(sources, record, first, limits);
  const outcome = outcomeOf(answer, first);
  if (answer === undefined || outcome.kind !== "answered" || answer.status >= 400) return outcome;
  if (first !== page) return outcome;
  const hidden = await hiddenPartOf(record.framework, page, limits.signal);
  const named = partsOf(answer);
  let { isWhole } = named;
  const parts = new Map([...named.urls, ...(hidden ? [hidden] : [])].map((part) => [part.href, part]));
  // A map goes on with what is added to it meanwhile.
  for (const part of parts.values()) {
    const got = await visit(part, limits.signal, asPart);
    const one = outcomeOf(got, part);
    if (one.kind !== "answered") return one;
    if (!got || !servesModules(record) || isSound(part)) continue;
    // What isn't there is answered with the shell once more.
    if (part === hidden && isPage(got)) return { ...outcome, isMissing: true };
    // What a module imports is compiled after it was answered, and what is wrong with it said still later.
    const imported = importedBy(got);
    isWhole &&= imported.isWhole && got.status < 400;
    for (const next of imported.urls) {
      if (parts.size < mostParts) parts.set(next.href, next);
      else isWhole &&= parts.has(next.href);
    }
  }
  if (!servesModules(record)) return outcome;
  const own = [...parts.values()].filter((part) => !isSound(part));
  isWhole &&= own.length > 0 && !own.some(isFromElsewhere);
  isWhole &&= await isOwnShell(record.settings.cwd, answer.text);
  return { ...outcome, modules: own.map(pathOf), isWhole };
}

function isPage({ text }: Answer): boolean {
  return /^\s{0,100}<!doctype html/i.test(text);
}

function pathOf({ pathname }: URL): string {
  return pathname;
}

/** The first answer: a server that is just started again refuses for a moment. Over once the session isn't ready. */
async function answerOf(
  sources: SessionSources,
  record: SessionRecord,
  page: URL,
  { graceMs, signal }: VisitLimits,
): Promise<Answer | undefined> {
  const until = performance.now() + Math.max(graceMs, refusesMs);
  for (;;) {
    const answer = await visit(page, signal);
    const isCompiling = sources.builds.heardOf(record)?.build.status === "compiling";
    if (answer !== undefined || (performance.now() >= until && !isCompiling)) return answer;
    if (sources.registry.peek(sessionKey(record))?.state.kind !== "ready") return undefined;
    await sessionChanged(sources, sessionKey(record), askAgainMs, signal);
  }
}

function outcomeOf(answer: Answer | undefined, { pathname }: URL): Outcome {
  if (answer === undefined) return { kind: "silent" };
  const { status } = answer;
  return status >= 500 ? { kind: "failed", status, part: pathname } : { kind: "answered", status };
}

/**
 * Settles once the build has failed after `after`, or has been broken for as long as an answer should take; not while
 * pages are compiled on request, for then the answer may say that it is mended.
 */
async function untilBroken(
  sources: SessionSources,
  record: SessionRecord,
  after: number,
  { graceMs, signal }: VisitLimits,
): Promise<void> {
  const until = performance.now() + graceMs;
  for (;;) {
    const heard = sources.builds.heardOf(record);
    const left = until - performance.now();
    if (heard?.isSettled && heard.build.status === "failed") {
      if (heard.seqs.build > after) return;
      const isOver = left <= 0 && !heard.onRequest;
      if (isOver && !(await isOutdated(heard.build, record.settings.cwd))) return;
    }
    await sessionChanged(sources, sessionKey(record), left, signal);
  }
}
