import { withDeadline } from "../../shared/base/deadline.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { sessionKey, sessionOf } from "../../shared/model/keys.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { spokenSession } from "../../shared/model/session-names.ts";
import type { BuildWaitResult } from "../../shared/protocol/builds.ts";
import type { CheckedParams } from "../../shared/protocol/methods.ts";
import type { Heard } from "../output/builds.ts";
import { buildAnswer, type CrashHeard, crashedAnswer, type HeardNow } from "./build-answer.ts";
import { comesBackMs, isMended, mendedMs } from "./coming-back.ts";
import { visitCurrent } from "./current-page.ts";
import type { FailedPages } from "./failed-pages.ts";
import { changesNoticed, noticesWithinMs } from "./noticing.ts";
import { buildOfFiles } from "./outdated-errors.ts";
import type { PageVisit } from "./page-visit.ts";
import { filesServed } from "./served-files.ts";
import { type SessionSources, sessionChanged } from "./session-changed.ts";

/** How often pages are asked for again because something was built meanwhile: what they showed may be over. */
const mostRounds = 3;

/** What a caller wants to know of a build. */
export type BuildWaitRequest = Omit<CheckedParams<"session/waitForCleanBuild">, "cwd" | "app"> & {
  /** Whether the caller may have a page asked for. */
  readonly trusted: boolean;
  readonly signal: AbortSignal;
};

/** What waiting for a build looks at. */
export interface BuildWaitDependencies extends SessionSources {
  readonly failedPages: FailedPages;
}

/**
 * Waits until the session's build is done and all that was written is understood.
 * @throws DevlatchError `NOT_RUNNING` where the server doesn't run, or ends meanwhile; `DEADLINE`;
 *   `UNTRUSTED_WORKSPACE` for a visit from there; `INVALID_INPUT` for a path that leaves the server
 */
export async function waitForBuild(
  parts: BuildWaitDependencies,
  found: SessionRecord,
  request: BuildWaitRequest,
): Promise<BuildWaitResult> {
  const begun = performance.now();
  const signal = withDeadline(
    request.timeoutMs,
    `The build of ${spokenSession(found.session)}`,
    request.signal,
  );
  const wait = new BuildWait(parts, sessionKey(found), request, signal);
  const settled = await wait.run();
  const elapsedMs = performance.now() - begun;
  if (settled.kind === "crashed") return crashedAnswer(settled.record, settled, elapsedMs);
  const { record, heard, visits } = settled;
  const failed = parts.failedPages.of(record);
  return buildAnswer(record, heard, { visits, failed }, elapsedMs);
}

type Settled =
  | {
      readonly kind: "built";
      readonly record: SessionRecord;
      readonly heard: HeardNow;
      readonly visits: readonly PageVisit[];
    }
  | ({ readonly kind: "crashed"; readonly record: SessionRecord } & CrashHeard);

/** One caller's wait. */
class BuildWait {
  readonly #parts: BuildWaitDependencies;
  readonly #key: string;
  readonly #request: BuildWaitRequest;
  readonly #signal: AbortSignal;
  #visits: readonly PageVisit[] = [];
  /** Whether the visits tell all that there is to be told. */
  #visitsTellAll = false;
  /** The last message that was looked at when the pages had been asked for. */
  #visitedAt = 0;
  /** Since when the server that was asked had been ready, in milliseconds since the epoch. */
  #visitedReady = 0;

  constructor(parts: BuildWaitDependencies, key: string, request: BuildWaitRequest, signal: AbortSignal) {
    this.#parts = parts;
    this.#key = key;
    this.#request = request;
    this.#signal = signal;
  }

  async run(): Promise<Settled> {
    const { builds } = this.#parts;
    let record = await this.#running();
    await builds.look(record);
    const before = builds.heardOf(record)?.seqs.all ?? 0;
    await this.#visit(record);
    const since = this.#request.sinceSeq ?? before;
    let graceUntil = performance.now() + this.#graceMs(record);
    const changedUntil = performance.now() + this.#request.graceMs;
    const mendedUntil = performance.now() + mendedMs;
    for (let rounds = 1; ; ) {
      record = await this.#running();
      const heard = builds.heardOf(record);
      if (record.state.kind === "crashed") {
        // What was changed since may mend it.
        const mended = await isMended(record, heard);
        const until = mended ? mendedUntil : graceUntil;
        const left = Math.max(until - performance.now(), comesBackMs(record, heard, Date.now()));
        if (left <= 0) return { kind: "crashed", record, heard, isMended: mended };
        await sessionChanged(this.#parts, this.#key, left, this.#signal);
        continue;
      }
      const firstWordLeft = sinceReady(record) + this.#request.graceMs - Date.now();
      let graceLeft = Math.max(graceUntil - performance.now(), this.#isFirstWord(heard) ? firstWordLeft : 0);
      if (heard && isDone(heard)) {
        if ((this.#isBuiltAnew(heard) || this.#isStartedAnew(record)) && rounds < mostRounds) {
          rounds++;
          await this.#visit(record);
          graceUntil = performance.now() + this.#graceMs(record);
          continue;
        }
        const { build, isOutdated: outdated } = await buildOfFiles(heard.build, record.settings.cwd);
        const isHeard = !this.#isFirstWord(heard) && !this.#isUnexplained(heard);
        const isAnswer = isHeard && !outdated && (this.#isNews(heard, since) || this.#isTold(heard));
        // Files were changed of which nothing was said yet.
        if (outdated) graceLeft = Math.max(graceLeft, changedUntil - performance.now());
        if (isAnswer || graceLeft <= 0) {
          const servesAgain =
            outdated && this.#request.trusted && (await filesServed(record, heard, this.#signal));
          const now = { ...heard, build, isOutdated: outdated, servesAgain };
          return { kind: "built", record, heard: now, visits: this.#visits };
        }
        // While files were looked at, something may have been heard.
        if (builds.heardOf(record)?.seqs.all !== heard.seqs.all) continue;
      }
      await sessionChanged(this.#parts, this.#key, graceLeft, this.#signal);
    }
  }

  /** Only who asks for news waits for them as long as a build may take to begin. */
  #graceMs(record: SessionRecord): number {
    const { sinceSeq, graceMs } = this.#request;
    const isPlain = sinceSeq === undefined && this.#visits.length === 0;
    const errors = this.#parts.builds.heardOf(record)?.build.errors;
    return isPlain ? Math.min(graceMs, noticesWithinMs(record, errors)) : graceMs;
  }

  /** A server answers a moment before it says that it does: one that is just ready has yet to say its first word. */
  #isFirstWord(heard: Heard | undefined): boolean {
    const isPlain = this.#request.sinceSeq === undefined && this.#visits.length === 0;
    return isPlain && heard?.build.status === "unknown";
  }

  /** A page that fails is answered before what the server writes of it has come. */
  #isUnexplained({ build, printedAfter }: Heard): boolean {
    if (build.status === "failed") return false;
    return this.#visits.some(({ kind, after }) => kind === "failed" && printedAfter(after) === undefined);
  }

  /** An answered request is news only to the caller that asked for it. */
  #isNews({ seqs }: Heard, since: number): boolean {
    return (this.#visits.length > 0 ? seqs.request : seqs.build) > since;
  }

  /** A server that says nothing of what it serves is not waited for, once it has served all. */
  #isTold({ build }: Heard): boolean {
    return this.#request.sinceSeq === undefined && this.#visitsTellAll && build.status !== "failed";
  }

  /** Whether something was built after the pages were asked for, so that they may be others now. */
  #isBuiltAnew({ build, seqs }: Heard): boolean {
    return this.#visits.length > 0 && build.status !== "failed" && seqs.build > this.#visitedAt;
  }

  /** Whether it was asked while it was starting again, or crashed. */
  #isStartedAnew(record: SessionRecord): boolean {
    const isUnanswered = this.#visits.length === 0 || this.#visits.some(({ kind }) => kind === "silent");
    return isUnanswered && sinceReady(record) !== this.#visitedReady && this.#pagesOf(record).length > 0;
  }

  async #visit(record: SessionRecord): Promise<void> {
    this.#visitedReady = sinceReady(record);
    const { builds, failedPages } = this.#parts;
    const limits = { graceMs: this.#request.graceMs, signal: this.#signal };
    const visits: PageVisit[] = [];
    let tellAll = true;
    const pages = this.#pagesOf(record);
    if (pages.length > 0) await changesNoticed(this.#parts, record, this.#signal);
    for (const path of record.state.kind === "ready" ? pages : []) {
      const { visit, tellsAll } = await visitCurrent(this.#parts, record, path, limits);
      tellAll &&= tellsAll;
      if (visit.kind === "failed") failedPages.failed(record, visit);
      if (visit.kind === "answered") failedPages.served(record, path);
      // A page that failed before and that isn't there any more is no page of which to tell.
      if (!this.#isRemoved(visit)) visits.push(visit);
      if (visit.kind === "cut") break;
    }
    this.#visits = visits;
    this.#visitsTellAll = tellAll && visits.length > 0;
    await builds.look(record);
    this.#visitedAt = builds.heardOf(record)?.seqs.all ?? 0;
  }

  /** Whether a page that only failed before is there no more. */
  #isRemoved(visit: PageVisit): boolean {
    const isGone = visit.kind === "answered" && (visit.status === 404 || visit.isMissing === true);
    return isGone && visit.path !== (this.#request.visit ?? "/");
  }

  /** What to ask for. @throws DevlatchError `UNTRUSTED_WORKSPACE` */
  #pagesOf(record: SessionRecord): readonly string[] {
    const { visit, trusted } = this.#request;
    if (!trusted && visit !== undefined) throw untrusted(record, visit);
    if (!trusted) return [];
    const failed = this.#parts.failedPages.of(record).map(({ path }) => path);
    const first = this.#parts.builds.heardOf(record)?.onRequest || compilesOnRequest(record) ? ["/"] : [];
    return [...new Set([...(visit === undefined ? first : [visit]), ...failed])];
  }

  /** The record once the session is ready, or has crashed. @throws DevlatchError `NOT_RUNNING` where it won't be */
  async #running(): Promise<SessionRecord> {
    for (;;) {
      this.#signal.throwIfAborted();
      const record = this.#parts.registry.peek(this.#key);
      if (record?.state.kind === "ready" || record?.state.kind === "crashed") return record;
      if (record?.state.kind !== "starting" && record?.state.kind !== "restarting")
        throw ended(this.#key, record);
      await sessionChanged(this.#parts, this.#key, Number.POSITIVE_INFINITY, this.#signal);
    }
  }
}

/** Frameworks that compile a page when it is asked for, and say nothing of it before. */
const onRequestFrameworks: ReadonlySet<string> = new Set([
  ...["next", "nuxt", "astro", "sveltekit", "react-router", "remix", "vite", "vitepress", "vinxi"],
  ...["electron-vite", "expo"],
]);

function compilesOnRequest({ framework = "" }: SessionRecord): boolean {
  return onRequestFrameworks.has(framework);
}

function sinceReady({ state }: SessionRecord): number {
  return state.kind === "ready" ? state.since : 0;
}

function isDone({ build, isSettled }: Heard): boolean {
  return isSettled && build.status !== "compiling";
}

function untrusted({ session }: SessionRecord, path: string): DevlatchError {
  return new DevlatchError(
    "UNTRUSTED_WORKSPACE",
    `${spokenSession(session)} isn't asked for ${path} from a workspace that isn't trusted.`,
    "Trust the workspace in the editor, then try again.",
  );
}

function ended(key: string, record: SessionRecord | undefined): DevlatchError {
  const app = record?.app ?? sessionOf(key).app;
  const why = record?.state.kind === "failed" ? `: ${record.state.error.message}` : ".";
  const logTail = record?.state.kind === "failed" ? record.state.error.logTail : [];
  return new DevlatchError(
    "NOT_RUNNING",
    `${app} doesn't run, so it builds nothing${why}`,
    `Start it with: devlatch start ${app}`,
    { data: { logTail } },
  );
}
