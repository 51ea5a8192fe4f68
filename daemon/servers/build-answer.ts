import type { BuildError } from "../../shared/model/output.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import type { BuildWaitResult } from "../../shared/protocol/builds.ts";
import type { Heard } from "../output/builds.ts";
import type { FailedPage } from "./failed-pages.ts";
import type { PageVisit } from "./page-visit.ts";

/** What asking for pages showed. */
export interface Pages {
  /** This time. */
  readonly visits: readonly PageVisit[];
  /** All that failed and were not served since, those of this time among them. */
  readonly failed: readonly FailedPage[];
}

/** What is known of a build, and whether it is of files as they were. */
export type HeardNow = Heard & {
  /** Every file with an error was changed since. */
  readonly isOutdated: boolean;
  /** And the server serves all of them by now. */
  readonly servesAgain: boolean;
};

type Verdict = Pick<BuildWaitResult, "status" | "errors" | "errorCount" | "reason" | "advice">;

/** What is told of a build that is done. @param elapsedMs how long the caller waited, in milliseconds */
export function buildAnswer(
  record: SessionRecord,
  heard: HeardNow,
  pages: Pages,
  elapsedMs: number,
): BuildWaitResult {
  const { build, seqs } = heard;
  const { state, settings } = record;
  return {
    ...verdictOf(record, heard, pages),
    warnings: build.warnings,
    skipped: build.skipped,
    seq: seqs.all,
    url: state.kind === "ready" ? state.url : null,
    cwd: settings.cwd,
    elapsedMs: Math.round(elapsedMs),
  };
}

/** What is known of a server that crashed. */
export interface CrashHeard {
  readonly heard: Heard | undefined;
  /** All files with errors were changed since, and nothing started it again. */
  readonly isMended: boolean;
}

/** What is told of a server that crashed: it builds nothing, whatever its watcher says of a build. */
export function crashedAnswer(
  record: SessionRecord,
  { heard, isMended }: CrashHeard,
  elapsedMs: number,
): BuildWaitResult {
  const seq = Math.max(1, heard?.seqs.all ?? 0);
  const known = heard?.build.errors ?? [];
  const errors = known.length > 0 ? known : crashErrors(record, heard, seq);
  return {
    ...failure(
      isMended ? errors.map((error) => leftBroken(record, error)) : errors,
      Math.max(1, known.length, heard?.build.errorCount ?? 0),
    ),
    warnings: heard?.build.warnings ?? 0,
    skipped: heard?.build.skipped ?? 0,
    seq,
    url: null,
    cwd: record.settings.cwd,
    elapsedMs: Math.round(elapsedMs),
  };
}

function leftBroken({ app }: SessionRecord, error: BuildError): BuildError {
  const note = `(changed since, and nothing started ${app} again; start it with: devlatch restart ${app})`;
  return { ...error, message: `${error.message} ${note}` };
}

/** A server that listens no more has often said why a moment before it was noticed, in milliseconds. */
const saidBeforeMs = 15_000;

function crashErrors({ state }: SessionRecord, heard: Heard | undefined, seq: number): readonly BuildError[] {
  if (state.kind !== "crashed") return [];
  const { error, cause, place, since: time } = state;
  const printed = cause === undefined ? heard?.printedAfter(0) : undefined;
  if (printed && printed.time >= time - saidBeforeMs) return [{ ...printed, phase: "build" }];
  return [{ message: cause ?? error.message, phase: "build", ...(place ? { place } : {}), seq, time }];
}

function verdictOf(record: SessionRecord, heard: HeardNow, { visits, failed }: Pages): Verdict {
  const { build, isOutdated } = heard;
  if (build.status === "failed" && !isOutdated && build.errorCount > 0)
    return failure(placed(build.errors, heard), build.errorCount);
  if (failed.length > 0) return failure(failed.map((page) => pageError(page, heard)));
  if (isOutdated && !heard.servesAgain)
    return unknown(
      "every file with an error was changed since, and the server said nothing of it",
      visitAdvice(record, "the page that uses them"),
    );
  const page = visits.find((visit) => !isServed(visit));
  if (page) return unanswered(record, page, heard);
  return build.status === "clean" || heard.servesAgain ? clean : silence(record, heard, visits);
}

const clean: Verdict = { status: "clean", errors: [], errorCount: 0 };

function failure(errors: readonly BuildError[], errorCount = errors.length): Verdict {
  return { status: "failed", errors: [...errors], errorCount };
}

function unknown(reason: string, advice: string): Verdict {
  return { status: "unknown", errors: [], errorCount: 0, reason, advice };
}

/** A server that says nothing of builds, and serves what it is asked for without an error, has nothing to build. */
function silence(record: SessionRecord, heard: Heard, visits: readonly PageVisit[]): Verdict {
  const [first] = visits;
  if (first === undefined) return unknown("it said nothing of a build", visitAdvice(record, "a page of it"));
  const printed = heard.printedAfter(first.after);
  if (printed === undefined) return clean;
  return unknown(`it answered, and wrote: ${printed.message}`, `Read it with: devlatch logs ${record.app}`);
}

function isServed(visit: PageVisit): boolean {
  return visit.kind === "answered" && visit.status < 400 && !visit.isMissing;
}

function unanswered(record: SessionRecord, visit: PageVisit, heard: Heard): Verdict {
  if (visit.kind === "answered")
    return unknown(
      visit.isMissing
        ? `there is no page ${visit.path}: what was answered is the empty shell of the app`
        : `GET ${visit.path} was answered with ${visit.status}, so no page was built`,
      visitAdvice(record, "a page that is there"),
    );
  const printed = heard.printedAfter(0);
  const last = printed ? `; the last error it wrote: ${printed.message}` : "";
  return unknown(
    `GET ${visit.path} had no answer${last}`,
    `See whether it serves anything: devlatch logs ${record.app}`,
  );
}

function visitAdvice({ app }: SessionRecord, what: string): string {
  return `Have ${what} asked for: devlatch wait ${app} --visit /PATH`;
}

function pageError({ part, status, time, after }: FailedPage, heard: Heard): BuildError {
  const printed = heard.printedAfter(after);
  const said = printed ? `: ${printed.message}` : "";
  const place = printed?.place ? { place: printed.place } : {};
  const message = `GET ${part} was answered with ${status}${said}`;
  return { message, phase: "request", ...place, seq: printed?.seq ?? Math.max(1, heard.seqs.all), time };
}

/** Where no error has a place, the last one that was written since says more: compilers list, programs print. */
function placed(errors: readonly BuildError[], heard: Heard): readonly BuildError[] {
  const [first] = errors;
  if (first === undefined || errors.some(({ place }) => place !== undefined)) return errors;
  const printed = heard.printedAfter(first.seq);
  if (printed?.place === undefined) return errors;
  const message = `${first.message}: ${printed.message}`;
  return [{ ...first, message, place: printed.place }, ...errors.slice(1)];
}
