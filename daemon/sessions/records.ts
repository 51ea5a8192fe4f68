import type { ErrorShape } from "../../shared/base/errors.ts";
import {
  type Exit,
  type Hosting,
  type SessionRecord,
  type SessionState,
  sessionName,
} from "../../shared/model/session.ts";
import type { Target } from "./contract.ts";
import type { ReadyServer } from "./readiness.ts";
import { settingsOf } from "./settings.ts";

/** The intent to launch: written before anything is spawned, so that a crash leaves a trace to follow. */
export function intent(
  target: Target,
  hosting: Hosting | undefined,
  fence: number,
  now: number,
): SessionRecord {
  const { plan, sandboxId, root } = target;
  return {
    session: sessionName(plan.app),
    app: plan.app,
    sandboxId,
    root,
    fence,
    settings: settingsOf(plan),
    stop: { signal: plan.stopSignal, timeoutMs: plan.stopTimeoutMs },
    ...(plan.framework === undefined ? {} : { framework: plan.framework }),
    ...(plan.ready === undefined ? {} : { ready: plan.ready }),
    ...(plan.stopWhenUnused ? { stopWhenUnused: plan.stopWhenUnused } : {}),
    ...(hosting === undefined ? {} : { hosting }),
    state: { kind: "starting", since: now, phase: "locking" },
    startedAt: now,
  };
}

/** The same record in another state, under the fence of whoever changes it. */
export function inState(record: SessionRecord, state: SessionState, fence = record.fence): SessionRecord {
  return { ...record, state, fence };
}

export function readyState(server: ReadyServer, now: number): SessionState {
  return { kind: "ready", since: now, ...server };
}

export function stoppedState(now: number, exit?: Exit): SessionState {
  return exit === undefined ? { kind: "stopped", since: now } : { kind: "stopped", since: now, exit };
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

/** What a server's end by itself means: code 0 is a stop, anything else a failure. */
export function endedState(
  record: SessionRecord,
  exit: Exit | undefined,
  logTail: readonly string[],
  now: number,
): SessionState {
  if (exit?.code === 0 && exit.signal === null) return stoppedState(now, exit);
  return failedState(now, endedError(record, exit), logTail, exit);
}

function endedError(record: SessionRecord, exit: Exit | undefined): ErrorShape {
  const remedy = `Read its output with: devlatch logs ${record.app}. Start it again with: devlatch start ${record.app}`;
  if (!exit) {
    return {
      code: "HOST_FAILED",
      message: `The host of ${record.session} was killed; its server was ended with it.`,
      remedy,
    };
  }
  const how = exit.signal ? `was ended by ${exit.signal}` : `exited with code ${exit.code}`;
  return { code: "NOT_RUNNING", message: `${record.session} ${how}.`, remedy };
}
