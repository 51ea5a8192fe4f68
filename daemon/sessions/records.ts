import { sep } from "node:path";
import type { ErrorShape } from "../../shared/base/errors.ts";
import { valueDigests } from "../../shared/base/value-digest.ts";
import type { AppPlan } from "../../shared/model/app.ts";
import { placeWords } from "../../shared/model/build-words.ts";
import type { Exit } from "../../shared/model/exit.ts";
import type {
  Hosting,
  SessionRecord,
  SessionState,
  StartedBy,
  StoppedBy,
} from "../../shared/model/session.ts";
import { sessionName } from "../../shared/model/session-names.ts";
import { isInterrupted } from "../../shared/model/session-state.ts";
import type { SeenCrash } from "./dependencies.ts";
import type { Displaced } from "./displaced.ts";
import type { ReadyServer } from "./readiness.ts";
import { judge, type Verdict } from "./restart-policy.ts";
import { settingsOf } from "./settings.ts";
import type { Target } from "./target.ts";

/**
 * The intent to launch: written before anything is spawned, so that a crash leaves a trace to follow.
 * @param restarts in a row that led to this launch
 */
export function intent(
  target: Target,
  hosting: Hosting | undefined,
  fence: number,
  now: number,
  restarts = 0,
): SessionRecord {
  const { plan, sandboxId, root, asked } = target;
  return {
    session: sessionName(plan.app),
    app: plan.app,
    sandboxId,
    root,
    fence,
    settings: { ...settingsOf(plan), env: valueDigests(plan.env) },
    stop: { signal: plan.stopSignal, timeoutMs: plan.stopTimeoutMs },
    ...(plan.framework === undefined ? {} : { framework: plan.framework }),
    ...(plan.member === undefined ? {} : { member: plan.member }),
    ...(plan.ready === undefined ? {} : { ready: plan.ready }),
    ...(plan.stopWhenUnused ? { stopWhenUnused: plan.stopWhenUnused } : {}),
    ...(plan.limits === undefined ? {} : { limits: plan.limits }),
    ...(hosting === undefined ? {} : { hosting }),
    restart: plan.restart,
    restarts,
    asked,
    state: { kind: "starting", since: now, phase: "launching" },
    startedAt: now,
  };
}

/** What a record says of who had it launched, and what follows from that. */
export function ofStarter(
  startedBy: StartedBy | undefined,
  { stopAfterAgents }: Pick<AppPlan, "stopAfterAgents">,
): Pick<SessionRecord, "startedBy" | "stopAfterAgents"> {
  if (startedBy === undefined) return {};
  const ends = startedBy.kind === "agent" && stopAfterAgents !== undefined;
  return ends ? { startedBy, stopAfterAgents } : { startedBy };
}

/** The same record in another state, under the fence of the one who changes it. */
export function inState(record: SessionRecord, state: SessionState, fence = record.fence): SessionRecord {
  const { told: _, ...own } = record;
  return { ...own, state, fence };
}

/** @param told who has the port that it would have had, where it listens on another; what stands in for a terminal */
export function readyState(
  server: ReadyServer,
  now: number,
  told: { readonly displaced?: Displaced | undefined; readonly terminal?: "pipes" | undefined } = {},
): SessionState {
  const { displaced, terminal } = told;
  const notes = { ...(displaced ? { displaced } : {}), ...(terminal ? { terminal } : {}) };
  return { kind: "ready", since: now, ...server, ...notes };
}

/** @param stoppedBy who asked for it */
export function stoppedState(
  now: number,
  exit?: Exit,
  stoppedBy?: StoppedBy,
): Extract<SessionState, { kind: "stopped" }> {
  return { kind: "stopped", since: now, ...(exit ? { exit } : {}), ...(stoppedBy ? { stoppedBy } : {}) };
}

export function failedState(
  now: number,
  error: ErrorShape,
  logTail: readonly string[],
  exit?: Exit,
): SessionState {
  const { code, message, remedy } = error;
  const failed: SessionState = {
    kind: "failed",
    since: now,
    error: { code, message, remedy, logTail: [...logTail] },
  };
  return exit === undefined ? failed : { ...failed, exit };
}

/** The state of a session whose server crashed under a watcher that starts it again when files change. */
export function crashedState(
  { app, state, settings }: Pick<SessionRecord, "app" | "state" | "settings">,
  { proof, message, place: named }: SeenCrash,
  logTail: readonly string[],
  now: number,
): Extract<SessionState, { kind: "crashed" }> {
  const place = named && { ...named, file: fromDirectory(settings.cwd, named.file) };
  const where = place === undefined ? "" : `${placeWords(place)}: `;
  const what = message === undefined ? "" : `: ${where}${message}`;
  const fate = proof === "uncompiled" ? "doesn't compile" : "crashed";
  const error = {
    code: "SERVER_CRASHED",
    message: `${app} ${fate} and waits for a change${what}`,
    remedy: `Mend it, and it is ready again by itself. Its output: devlatch logs ${app}. End it with: devlatch stop ${app}`,
    logTail: [...logTail],
  };
  const isKnown = state.kind === "crashed" && state.error.message === error.message;
  const since = isKnown ? state.since : now;
  const cause = message === undefined ? {} : { cause: message };
  return { kind: "crashed", since, error, ...cause, ...(place ? { place } : {}) };
}

/** A file below the server's directory as seen from there. */
function fromDirectory(directory: string, file: string): string {
  return file.startsWith(`${directory}${sep}`) ? file.slice(directory.length + 1) : file;
}

/**
 * What a server's end by itself means: with code 0 or by Ctrl-C a stop, otherwise a failure; unless it is restarted.
 * @param random from 0 to 1
 */
export function endedState(
  record: SessionRecord,
  exit: Exit | undefined,
  logTail: readonly string[],
  at: { now: number; random: number },
): SessionState {
  if (exit && isInterrupted(exit)) return stoppedState(at.now, exit);
  const servedMs = record.state.kind === "ready" ? at.now - record.state.since : 0;
  const verdict = judge({ policy: record.restart, exit, restarts: record.restarts, servedMs }, at.random);
  if (verdict.kind === "leave" && exit?.code === 0 && exit.signal === null) return stoppedState(at.now, exit);
  return afterFailure(record, endedError(record, exit), logTail, { ...at, exit, verdict });
}

/** What a restart that failed means: the next one, or none any more. */
export function failedRestartState(
  record: SessionRecord,
  error: ErrorShape,
  logTail: readonly string[],
  at: { now: number; random: number; exit: Exit | undefined },
): SessionState {
  const { restart: policy, restarts } = record;
  const verdict = judge({ policy, exit: undefined, restarts, servedMs: 0 }, at.random);
  return afterFailure(record, error, logTail, { ...at, verdict });
}

function afterFailure(
  record: SessionRecord,
  error: ErrorShape,
  logTail: readonly string[],
  { now, exit, verdict }: { now: number; exit: Exit | undefined; verdict: Verdict },
): SessionState {
  if (verdict.kind === "give-up") return failedState(now, crashLoop(record, error, verdict), logTail, exit);
  const failed = failedState(now, error, logTail, exit);
  if (verdict.kind === "leave" || failed.kind !== "failed") return failed;
  return { ...failed, kind: "restarting", at: now + verdict.inMs, attempt: verdict.attempt };
}

function endedError(record: SessionRecord, exit: Exit | undefined): ErrorShape {
  const remedy = `Read its output with: devlatch logs ${record.app}. Start it again with: devlatch start ${record.app}`;
  if (!exit) {
    return {
      code: "HOST_FAILED",
      message: `The host of ${record.app} was killed; its server was ended with it.`,
      remedy,
    };
  }
  const how = exit.signal ? `was ended by ${exit.signal}` : `exited with code ${exit.code}`;
  return { code: "NOT_RUNNING", message: `${record.app} ${how}.`, remedy };
}

function crashLoop(record: SessionRecord, last: ErrorShape, { restarts }: { restarts: number }): ErrorShape {
  return {
    code: "CRASH_LOOP",
    message: `${record.app} ended ${restarts + 1} times in a row and isn't restarted any more. The last time: ${last.message}`,
    remedy: `Read its output with: devlatch logs ${record.app}. When the cause is gone: devlatch start ${record.app}`,
  };
}
