import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { withDeadline } from "../../shared/base/deadline.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { sessionKey, sessionOf } from "../../shared/model/keys.ts";
import type { BuildError, BuildView } from "../../shared/model/output.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import type { BuildWaitResult } from "../../shared/protocol/builds.ts";
import type { CheckedParams } from "../../shared/protocol/methods.ts";
import type { Builds, Heard } from "../output/builds.ts";
import type { SessionRegistry } from "../sessions/registry.ts";
import { sessionChanged } from "./session-changed.ts";
import { pageOf, type Visit, visit } from "./visit.ts";

/** What a caller wants to know of a build. */
export type BuildWaitRequest = Omit<CheckedParams<"session/waitForCleanBuild">, "cwd" | "app"> & {
  /** Whether the caller may have a page asked for. */
  readonly trusted: boolean;
  readonly signal: AbortSignal;
};

/** What waiting for a build looks at. */
export interface BuildWaitDependencies {
  readonly builds: Builds;
  readonly registry: Pick<SessionRegistry, "peek" | "onChanged">;
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
  const key = sessionKey(found);
  const begun = performance.now();
  const signal = withDeadline(request.timeoutMs, `The build of ${found.session}`, request.signal);
  let record = await untilItRuns(parts, key, signal);
  await parts.builds.look(record);
  const before = parts.builds.heardOf(record)?.seqs.all ?? 0;
  const visited =
    request.visit === undefined ? undefined : await visitOf(record, request.visit, request.trusted, signal);
  const since = request.sinceSeq ?? (visited ? before : undefined);
  const graceUntil = performance.now() + request.graceMs;
  for (;;) {
    record = await untilItRuns(parts, key, signal);
    const heard = parts.builds.heardOf(record);
    // A server answers a moment before it says that it does: one that is just ready has yet to say its first word.
    const isNew = heard?.build.status === "unknown" && since === undefined;
    const graceLeft = isNew
      ? sinceReady(record) + request.graceMs - Date.now()
      : graceUntil - performance.now();
    if (record.state.kind === "crashed") {
      // What was changed since may mend it.
      if (performance.now() >= graceUntil || !(await isMended(record)))
        return crashedResult(record, heard, performance.now() - begun);
      await sessionChanged(parts, key, graceUntil - performance.now(), signal);
      continue;
    }
    if (heard && isDone(heard)) {
      const isOutdated = await allChanged(heard.build, record.settings.cwd);
      const isAnswer = !isNew && !isOutdated && isNews(heard, since, visited);
      if (isAnswer || graceLeft <= 0)
        return resultOf(record, { ...heard, isOutdated }, visited, performance.now() - begun);
      // While files were looked at, something may have been heard.
      if (parts.builds.heardOf(record)?.seqs.all !== heard.seqs.all) continue;
    }
    await sessionChanged(parts, key, graceLeft, signal);
  }
}

function sinceReady({ state }: SessionRecord): number {
  return state.kind === "ready" ? state.since : 0;
}

function isDone({ build, isSettled }: Heard): boolean {
  return isSettled && build.status !== "compiling";
}

/** Whether what was heard is an answer already. An answered request is one only to the caller that asked for it. */
function isNews({ seqs }: Heard, since: number | undefined, visited: Visit | undefined): boolean {
  return since === undefined || (visited ? seqs.request : seqs.build) > since;
}

async function visitOf(
  { session, state }: SessionRecord,
  path: string,
  trusted: boolean,
  signal: AbortSignal,
): Promise<Visit | undefined> {
  if (!trusted)
    throw new DevlatchError(
      "UNTRUSTED_WORKSPACE",
      `${session} isn't asked for ${path} from a workspace that isn't trusted.`,
      "Trust the workspace in the editor, then try again.",
    );
  return state.kind === "ready" ? visit(pageOf(state.url, path), signal) : undefined;
}

/** The record once the session is ready, or has crashed. @throws DevlatchError `NOT_RUNNING` where it won't be */
async function untilItRuns(
  parts: BuildWaitDependencies,
  key: string,
  signal: AbortSignal,
): Promise<SessionRecord> {
  for (;;) {
    signal.throwIfAborted();
    const record = parts.registry.peek(key);
    if (record?.state.kind === "ready" || record?.state.kind === "crashed") return record;
    if (record?.state.kind !== "starting" && record?.state.kind !== "restarting") throw ended(key, record);
    await sessionChanged(parts, key, Number.POSITIVE_INFINITY, signal);
  }
}

function ended(key: string, record: SessionRecord | undefined): DevlatchError {
  const app = record?.app ?? sessionOf(key).app;
  const why = record?.state.kind === "failed" ? `: ${record.state.error.message}` : ".";
  const logTail = record?.state.kind === "failed" ? record.state.error.logTail : [];
  return new DevlatchError(
    "NOT_RUNNING",
    `${record?.session ?? app} doesn't run, so it builds nothing${why}`,
    `Start it with: devlatch start ${app}`,
    { data: { logTail } },
  );
}

function resultOf(
  { state, settings }: SessionRecord,
  { build, seqs, isOutdated }: Heard & { readonly isOutdated: boolean },
  visited: Visit | undefined,
  elapsedMs: number,
): BuildWaitResult {
  const outcome = isOutdated
    ? { status: "unknown" as const, errors: [], errorCount: 0 }
    : { status: knownStatus(build), errors: [...build.errors], errorCount: build.errorCount };
  const isUnexplained = outcome.errorCount === 0 && (visited?.status ?? 0) >= 500;
  return {
    ...outcome,
    ...(visited && isUnexplained
      ? { status: "failed", errors: [requestError(visited, seqs.all)], errorCount: 1 }
      : {}),
    warnings: build.warnings,
    skipped: build.skipped,
    seq: seqs.all,
    url: state.kind === "ready" ? state.url : null,
    cwd: settings.cwd,
    elapsedMs: Math.round(elapsedMs),
  };
}

/** Whether the file in which a crashed server's error is was changed since. */
async function isMended({ state, settings }: SessionRecord): Promise<boolean> {
  if (state.kind !== "crashed" || state.place === undefined) return true;
  const found = await stat(resolve(settings.cwd, state.place.file)).catch(() => undefined);
  return found === undefined || found.mtimeMs > state.since;
}

/** What crashed builds nothing, whatever its watcher says of a build. */
function crashedResult(record: SessionRecord, heard: Heard | undefined, elapsedMs: number): BuildWaitResult {
  const { state, startedAt } = record;
  const seq = Math.max(1, heard?.seqs.all ?? 0);
  const known = heard?.build.errors ?? [];
  const own = state.kind === "crashed" ? [crashError(state, seq)] : [];
  const errors = known.length > 0 ? known : own;
  const build = { ...noBuild, ...heard?.build, status: "failed" as const, errors: [...errors] };
  const errorCount = Math.max(errors.length, build.errorCount);
  const seqs = { all: seq, build: seq, request: seq };
  const failed = { build: { ...build, since: startedAt, errorCount }, seqs, isSettled: true };
  return resultOf(record, { ...failed, isOutdated: false }, undefined, elapsedMs);
}

const noBuild = { since: 0, seq: 0, errors: [], errorCount: 0, warnings: 0, skipped: 0 };

function crashError(
  { error, cause, place, since: time }: Extract<SessionRecord["state"], { kind: "crashed" }>,
  seq: number,
): BuildError {
  return { message: cause ?? error.message, phase: "build", ...(place ? { place } : {}), seq, time };
}

function knownStatus({ status }: BuildView): BuildWaitResult["status"] {
  return status === "compiling" ? "unknown" : status;
}

/**
 * Whether every file with an error was changed since the error was reported. Some tools say nothing of a file that was
 * mended (Vite: one that never loaded), so the errors are no news then.
 */
async function allChanged({ status, errors }: BuildView, cwd: string): Promise<boolean> {
  if (status !== "failed") return false;
  const changed = await Promise.all(
    errors.map(async ({ place, time }) => {
      if (place === undefined) return false;
      const found = await stat(resolve(cwd, place.file)).catch(() => undefined);
      return found !== undefined && found.mtimeMs > time;
    }),
  );
  return changed.length > 0 && changed.every(Boolean);
}

function requestError({ url, status, time }: Visit, seq: number): BuildError {
  const message = `GET ${url.pathname} was answered with ${status}`;
  return { message, phase: "request", seq: Math.max(1, seq), time };
}
