import type { ConflictPolicy } from "../model/app.ts";
import type { ProcessIdentity } from "../model/process-identity.ts";
import { consentTo } from "../model/process-words.ts";
import type { Params } from "../protocol/methods.ts";
import { defaultBuildWaitMs, defaultStartTimeoutMs, defaultStopTimeoutMs } from "../protocol/times.ts";
import { secondsMs } from "./duration.ts";
import type { InDirectory } from "./fields.ts";
import { to } from "./operation.ts";

// Apart from what declares their arguments: building those schemas takes a short command longer than its answer.

/** What is said of a start; times in seconds. */
export interface Launch {
  readonly app: string;
  readonly command?: string[] | undefined;
  readonly port?: number | undefined;
  readonly noWait?: boolean | undefined;
  readonly timeout?: number | undefined;
  readonly onConflict?: "fail" | "next" | undefined;
  readonly overBudget?: boolean | undefined;
}

interface Restart extends Launch {
  readonly yes?: boolean | undefined;
}

interface Stop {
  readonly app: string;
  readonly yes?: boolean | undefined;
  readonly timeout?: number | undefined;
}

interface Wait {
  readonly app: string;
  readonly visit?: string | undefined;
  readonly since?: number | undefined;
  readonly grace?: number | undefined;
  readonly timeout?: number | undefined;
}

/** Who has a server started. */
export interface Launcher extends InDirectory {
  /** What the server inherits. */
  readonly env: Record<string, string>;
  /** `start/progress` notifications carry it. */
  readonly progressToken: string;
  /** What is done about a taken port unless the options say; `fail` without either. */
  readonly onConflict?: ConflictPolicy;
  /** Processes that the user was shown and agreed to end, to free the port. */
  readonly consent?: readonly ProcessIdentity[];
  /** Whether it is started beyond what servers may use of the memory, too. */
  readonly overBudget?: boolean;
}

/** What a start asks for. */
export function launchParams(
  { app, command, port, noWait, timeout, onConflict, overBudget }: Launch,
  { cwd, env, progressToken, consent = [], ...caller }: Launcher,
): Params<"session/start"> {
  return {
    cwd,
    app,
    command,
    port,
    onConflict: onConflict ?? caller.onConflict,
    wait: noWait !== true,
    timeoutMs: secondsMs(timeout),
    env,
    consent: consentTo(consent),
    overBudget: overBudget ?? caller.overBudget,
    progressToken,
  };
}

/** Longest time a start may take, in milliseconds: cleaning up after a failed one takes its time. */
export const startAnswerMs = ({
  timeoutMs = defaultStartTimeoutMs,
}: {
  readonly timeoutMs?: number | undefined;
}) => timeoutMs + 30_000;

export const startRequest = to("session/start", launchParams, startAnswerMs);

export const restartRequest = to(
  "session/restart",
  (input: Restart, caller: Launcher) => ({ ...launchParams(input, caller), yes: input.yes }),
  ({ timeoutMs = defaultStartTimeoutMs }) => timeoutMs + 60_000,
);

/** Longest time the protocol gives a stop, in milliseconds. */
const maxStopMs = 600_000;

export const stopRequest = to(
  "session/stop",
  ({ app, yes, timeout }: Stop, { cwd }: InDirectory) => ({
    cwd,
    app,
    yes,
    timeoutMs: timeout && Math.min(timeout * 1000, maxStopMs),
  }),
  ({ timeoutMs = defaultStopTimeoutMs }) => timeoutMs + 10_000,
);

export const waitRequest = to(
  "session/waitForCleanBuild",
  ({ app, visit, since, grace, timeout }: Wait, { cwd }: InDirectory) => ({
    cwd,
    app,
    visit,
    sinceSeq: since,
    graceMs: secondsMs(grace),
    timeoutMs: secondsMs(timeout),
  }),
  ({ timeoutMs = defaultBuildWaitMs }) => timeoutMs + 5_000,
);
