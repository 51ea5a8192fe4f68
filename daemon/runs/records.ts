import { constants } from "node:os";
import type { ErrorShape } from "../../shared/base/errors.ts";
import type { Log } from "../../shared/base/log.ts";
import { digest } from "../../shared/base/token.ts";
import { differingVariables, valueDigests } from "../../shared/base/value-digest.ts";
import type { Exit } from "../../shared/model/exit.ts";
import { type RunPlace, runKey } from "../../shared/model/keys.ts";
import { RunRecord, type RunState } from "../../shared/model/run.ts";
import { isRunLive } from "../../shared/model/run-state.ts";
import type { RunOutcome } from "../../shared/protocol/runs.ts";
import type { Hosted } from "../hosts/hosts.ts";
import { RecordTable } from "../store/record-table.ts";
import type { RecordStore } from "../store/store.ts";
import type { RunRequest } from "./request.ts";

/** The last (or present) execution of every key. */
export class RunRecords extends RecordTable<RunRecord> {
  constructor(store: RecordStore, log: Log) {
    super(store, { kind: "run", schema: RunRecord, keyOf: runKey }, log);
  }
}

/** What a stopped run gets: the signal, then this long (ms) before SIGKILL. */
const stop = { signal: "SIGTERM", timeoutMs: 5_000 };

/** `session_<8 hex>`: the same key in the same sandbox always has the same. */
export function runSession(place: RunPlace): string {
  return `session_${digest(runKey(place), 8)}`;
}

/** The intent to launch: written before anything is spawned, so that a crash leaves a trace to follow. */
export function intent(request: RunRequest, hosting: Hosted, fence: number, now: number): RunRecord {
  const { sandboxId, key, root, command, cwd, inputs, callId } = request;
  return {
    session: runSession(request),
    key,
    sandboxId,
    root,
    fence,
    settings: { command: [...command], cwd, env: valueDigests(inputs) },
    stop,
    hosting,
    state: { kind: "starting", since: now },
    startedAt: now,
    callId,
  };
}

/**
 * The state an execution ends in.
 * @param exit undefined where how it ended isn't known
 * @param lost why that isn't known
 */
export function endState(record: RunRecord, exit: Exit | undefined, lost: ErrorShape, now: number): RunState {
  if (record.state.kind === "stopping") {
    return { kind: "cancelled", since: now, exitCode: exit ? exitCodeOf(exit) : exitCodeOf(byStop) };
  }
  if (exit) return { kind: "finished", since: now, exit, exitCode: exitCodeOf(exit) };
  return failedState(lost, now);
}

const byStop: Exit = { code: null, signal: stop.signal };

export function failedState({ code, message, remedy }: ErrorShape, now: number): RunState {
  return { kind: "failed", since: now, error: { code, message, remedy } };
}

/** What a shell would report: the code, or 128 + the signal's number. */
export function exitCodeOf({ code, signal }: Exit): number {
  if (code !== null) return code;
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return 128 + (numbers[signal ?? ""] ?? constants.signals.SIGKILL);
}

/** How the execution ended; undefined while it goes on. */
export function outcomeOf({ state }: RunRecord): RunOutcome | undefined {
  switch (state.kind) {
    case "finished":
      return { kind: "ended", exitCode: state.exitCode, cancelled: false };
    case "cancelled":
      return { kind: "ended", exitCode: state.exitCode, cancelled: true };
    case "failed":
      return { kind: "failed", error: state.error };
    default:
      return undefined;
  }
}

/** In words, how an execution differs from what a caller asks for. Values of variables may be secrets. */
export function differencesOf(
  { settings }: RunRecord,
  { command, cwd, inputs }: Pick<RunRequest, "command" | "cwd" | "inputs">,
): string[] {
  const found: string[] = [];
  if (settings.cwd !== cwd) found.push(`it runs in ${settings.cwd}, not in ${cwd}`);
  if (JSON.stringify(settings.command) !== JSON.stringify(command)) {
    found.push(`it runs \`${settings.command.join(" ")}\`, not \`${command.join(" ")}\``);
  }
  for (const name of differingVariables(settings.env, inputs)) found.push(`variable ${name} differs`);
  return found;
}

/** Whether this result may stand for another execution: it ended by itself, was asked for equally and is young. */
export function isReplayable(record: RunRecord, request: RunRequest, now: number): boolean {
  const { state } = record;
  if (request.replayMs === undefined || state.kind !== "finished" || state.exit.code === null) return false;
  return now - state.since <= request.replayMs && differencesOf(record, request).length === 0;
}

/**
 * Whether what the store has already answers a call, so that nothing is executed for it: its own execution (the call
 * was sent again), or one that took the place of the one it saw being lost.
 */
export function answers(record: RunRecord, request: RunRequest): boolean {
  if (record.state.kind === "failed") return false;
  if (record.callId === request.callId) return !isRunLive(record.state);
  return (
    request.instead !== undefined && record.hosting.launchId !== request.instead && !isRunLive(record.state)
  );
}
