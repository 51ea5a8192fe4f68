import type { Message } from "vscode-jsonrpc/node";
import * as z from "zod";
import { AppName, ConflictPolicy, Detection, Port } from "../model/app.ts";
import { Concurrency } from "../model/concurrency.ts";
import { DaemonView } from "../model/daemon.ts";
import { HealthReport } from "../model/health.ts";
import { JournalPage } from "../model/journal.ts";
import { LockView } from "../model/lock.ts";
import { BuildError, OutputEventKind, OutputEventPage } from "../model/output.ts";
import { Listener, PortClient, ProcessIdentity, ProcessView } from "../model/process.ts";
import { ResourceHistory } from "../model/resources.ts";
import { RunView } from "../model/run.ts";
import { AppPorts, ClaimedSandbox, PoolSandbox, SandboxId, SandboxView } from "../model/sandbox.ts";
import { SessionView } from "../model/session.ts";
import { Delta, Snapshot } from "../model/snapshot.ts";
import { ThreadPage } from "../model/thread.ts";
import {
  RunOutcome,
  RunOutput,
  RunOutputParams,
  RunStartParams,
  RunStartResult,
  RunStopParams,
  RunStopResult,
  RunWaitParams,
} from "./runs.ts";
import { isMessage } from "./transport.ts";

/** A method of the protocol: what goes in, what comes out, how long it may take at most (ms). */
export interface Method<P extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly params: P;
  readonly result: R;
  /** Upper bound for an answer in milliseconds; the daemon aborts the work then, the client gives up a little later. */
  readonly deadlineMs: number;
  /** Methods that start, stop or signal something are refused to clients of an untrusted workspace. */
  readonly acts: boolean;
}

function read<P extends z.ZodType, R extends z.ZodType>(
  params: P,
  result: R,
  deadlineMs = 10_000,
): Method<P, R> {
  return { params, result, deadlineMs, acts: false };
}

function act<P extends z.ZodType, R extends z.ZodType>(
  params: P,
  result: R,
  deadlineMs: number,
): Method<P, R> {
  return { params, result, deadlineMs, acts: true };
}

/** Longest time a start may be given by a caller, in milliseconds. */
export const maxStartTimeoutMs = 30 * 60_000;
/** Time a start gets unless the caller says otherwise, in milliseconds. */
export const defaultStartTimeoutMs = 120_000;

const Cwd = z.string().min(1).describe("Absolute directory the caller works in");
const InSandbox = z.object({ cwd: Cwd });
const OfApp = InSandbox.extend({ app: AppName });

export const StartParams = OfApp.extend({
  /** Explicit command; without it configuration, then detection. */
  command: z.array(z.string()).min(1).optional(),
  port: Port.optional(),
  onConflict: ConflictPolicy.default("fail"),
  /** Wait until ready. Otherwise answer as soon as the process runs. */
  wait: z.boolean().default(true),
  timeoutMs: z.number().positive().max(maxStartTimeoutMs).default(defaultStartTimeoutMs),
  /** The caller's environment; the server inherits it, less Devlatch's own secrets. */
  env: z.record(z.string(), z.string()).default({}),
  /** The caller agrees to ending exactly these processes to free the port. */
  consent: z.array(ProcessIdentity).default([]),
  /** Chosen by the caller; `start/progress` notifications carry it. */
  progressToken: z.string().optional(),
});
export type StartParams = z.infer<typeof StartParams>;

const LockBreakParams = z.object({
  key: z.string().min(1),
  /** That of the lock as it was shown: one that changed hands since is left alone. */
  fence: z.number(),
  /** The caller agrees to what was shown. */
  yes: z.boolean().default(false),
});
/** `gone`: it was released or changed hands meanwhile, and nothing was broken. */
const LockBreakResult = z.object({
  outcome: z.enum(["broken", "gone"]),
  key: z.string(),
  fence: z.number(),
  owner: z.string().optional(),
});
export type LockBreakResult = z.infer<typeof LockBreakResult>;

/** Something beside the result that the caller should know, in a sentence: two callers fight over the server. */
const Notice = z.string().optional();

export const StartResult = z.object({
  outcome: z.enum(["started", "reused", "adopted"]),
  session: z.string(),
  app: AppName,
  state: z.string(),
  pid: z.int().nullable(),
  port: z.int().nullable(),
  url: z.string().nullable(),
  sandboxId: z.string(),
  fence: z.number(),
  startedAt: z.number(),
  elapsedMs: z.number(),
  notice: Notice,
});
export type StartResult = z.infer<typeof StartResult>;

export const StopParams = OfApp.extend({
  /** Consent to ending a server that others use, or that Devlatch adopted instead of started. */
  yes: z.boolean().default(false),
  timeoutMs: z.number().positive().max(600_000).default(30_000),
});
export type StopParams = z.infer<typeof StopParams>;

export const StopResult = z.object({
  outcome: z.enum(["stopped", "not_running"]),
  session: z.string(),
  elapsedMs: z.number(),
  survivors: z.array(ProcessView),
  notice: Notice,
});
export type StopResult = z.infer<typeof StopResult>;

export const LogsParams = OfApp.extend({
  /** Messages after this sequence; 0 for the oldest kept; absent for the last ones. */
  cursor: z.int().nonnegative().optional(),
  limit: z.int().min(1).max(5000).default(200),
  /** Regular expression (JavaScript) a message must match. */
  grep: z.string().optional(),
  /** Wait up to this long (ms) for a first message instead of answering with an empty page. */
  waitMs: z.number().nonnegative().max(60_000).default(0),
});
export type LogsParams = z.infer<typeof LogsParams>;

const JournalParams = z.object({
  /** Entries after this sequence; 0: from the oldest kept; absent for the last ones. */
  cursor: z.int().nonnegative().optional(),
  limit: z.int().min(1).max(5000).default(200),
});

/** Longest time a caller may wait for a build, in milliseconds. */
export const maxBuildWaitMs = 10 * 60_000;
/** Time an answer may take beyond the wait itself, in milliseconds. */
const buildAnswerMs = 30_000;

export const BuildWaitParams = OfApp.extend({
  /**
   * Only what was said after this message counts, e.g. `next` of a page read before a file was changed: waits up to
   * `graceMs` for a build that begins or ends after it. Absent: what is there counts, once nothing compiles.
   */
  sinceSeq: z.int().nonnegative().optional(),
  /**
   * How long a build may take to begin, in milliseconds. A framework needs a moment to see a change, and says nothing of
   * one that no page uses: after this time what was there before counts.
   */
  graceMs: z.number().nonnegative().max(60_000).default(2_000),
  /** Path to ask the server for first: most frameworks compile a page when it is asked for, and not before. */
  visit: z.string().startsWith("/").max(2_000).optional(),
  timeoutMs: z.number().positive().max(maxBuildWaitMs).default(60_000),
});

export const BuildWaitResult = z.object({
  /** `unknown`: the server runs and said nothing of any build. */
  status: z.enum(["clean", "failed", "unknown"]),
  errors: z.array(BuildError),
  errorCount: z.int().nonnegative(),
  warnings: z.int().nonnegative(),
  /** Messages that were not looked at: there may have been errors among them. */
  skipped: z.int().nonnegative(),
  /** Sequence of the last message that was looked at: the cursor for what follows. */
  seq: z.int().nonnegative(),
  url: z.string().nullable(),
  /** Where the places of errors that aren't absolute begin. */
  cwd: z.string(),
  elapsedMs: z.number(),
});
export type BuildWaitResult = z.infer<typeof BuildWaitResult>;

export const StatusResult = z.object({
  daemon: DaemonView,
  sessions: z.array(SessionView),
  locks: z.array(LockView),
  health: HealthReport.nullable(),
  /** Live runs, and the last ones that ended, newest first. */
  runs: z.array(RunView).optional(),
});
export type StatusResult = z.infer<typeof StatusResult>;

export const PortResult = z.object({
  port: Port,
  listeners: z.array(Listener),
  /** Processes of this machine that are connected to it. `free` leaves them alone. */
  clients: z.array(PortClient).default([]),
  /** Processes ended by `free`. */
  freed: z.array(ProcessView),
});
export type PortResult = z.infer<typeof PortResult>;

/** Longest time a claim may wait for a sandbox, in milliseconds. */
export const maxClaimWaitMs = 30 * 60_000;
/** Longest time making or cleaning a sandbox may take, with all that has to be done before, in milliseconds. */
const sandboxWorkMs = 20 * 60_000;
/** Time a claimed sandbox is its owner's unless renewed, in milliseconds. */
export const defaultLeaseMs = 30 * 60_000;
const LeaseMs = z
  .int()
  .min(1_000)
  .max(7 * 24 * 60 * 60_000);

export const ClaimParams = InSandbox.extend({
  /** Who claims, in words. */
  owner: z.string().trim().min(1).max(100),
  leaseMs: LeaseMs.default(defaultLeaseMs),
  /** How long to wait where all are taken; 0: not at all. */
  waitMs: z.number().nonnegative().max(maxClaimWaitMs).default(0),
  /** What to check out; by default what the caller's checkout has. */
  ref: z.string().min(1).optional(),
});

const OfOwner = InSandbox.extend({
  /** Id or path; by default the one that `cwd` is in. */
  sandbox: z.string().min(1).optional(),
  /** By default the one kept for whoever works in the sandbox's own directory. */
  token: z.string().min(1).optional(),
});

export const ReleaseResult = z.object({
  sandboxId: SandboxId,
  path: z.string(),
  /** The branch that keeps what existed nowhere else. */
  rescued: z.string().nullable(),
});
export type ReleaseResult = z.infer<typeof ReleaseResult>;

const Nothing = z.object({});

/** Every request a client can send once it is authenticated, and what answers it. */
export const methods = {
  "state/subscribe": read(
    z.object({ since: z.object({ epoch: z.string(), revision: z.int() }).optional() }),
    z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("snapshot"), snapshot: Snapshot }),
      z.object({ kind: z.literal("deltas"), deltas: z.array(Delta) }),
    ]),
  ),
  "sandbox/describe": read(InSandbox, SandboxView),
  "sandbox/claim": act(ClaimParams, ClaimedSandbox, maxClaimWaitMs + sandboxWorkMs),
  "sandbox/renew": act(OfOwner.extend({ leaseMs: LeaseMs.optional() }), PoolSandbox, sandboxWorkMs),
  "sandbox/release": act(
    OfOwner.extend({ discard: z.boolean().default(false) }),
    ReleaseResult,
    sandboxWorkMs,
  ),
  "sandbox/list": read(InSandbox, z.array(PoolSandbox)),
  "sandbox/ports": read(InSandbox, z.object({ sandboxId: SandboxId, ports: AppPorts })),
  "session/start": act(StartParams, StartResult, maxStartTimeoutMs + 30_000),
  "session/stop": act(StopParams, StopResult, 620_000),
  "session/restart": act(
    StartParams.extend({ yes: z.boolean().default(false) }),
    StartResult,
    maxStartTimeoutMs + 60_000,
  ),
  "session/logs": read(LogsParams, ThreadPage, 75_000),
  /** What a session's output says, as typed events: errors, URLs, builds that begin and end. */
  "session/events": read(
    OfApp.extend({
      /** Events after this message; 0: from the oldest kept; absent: the last ones. */
      cursor: z.int().nonnegative().optional(),
      limit: z.int().min(1).max(1000).default(200),
      types: z.array(OutputEventKind).optional(),
    }),
    OutputEventPage,
    30_000,
  ),
  /** Answers when the server's build is done. */
  "session/waitForCleanBuild": read(BuildWaitParams, BuildWaitResult, maxBuildWaitMs + buildAnswerMs),
  "journal/read": read(JournalParams, JournalPage),
  /** What a session's processes used; empty for one that never ran under this daemon. */
  "session/resources": read(OfApp, ResourceHistory),
  /** Streams the terminal: what was on it, then `terminal/data` notifications until `terminal/detach`. */
  "terminal/attach": act(
    OfApp.extend({ columns: z.int().min(1).max(2000), rows: z.int().min(1).max(2000) }),
    z.object({ terminal: z.string(), scrollback: z.string().describe("Raw output so far, base64") }),
    10_000,
  ),
  "terminal/input": act(z.object({ terminal: z.string(), data: z.string() }), Nothing, 10_000),
  "terminal/resize": act(
    z.object({ terminal: z.string(), columns: z.int().min(1).max(2000), rows: z.int().min(1).max(2000) }),
    Nothing,
    10_000,
  ),
  "terminal/detach": read(z.object({ terminal: z.string() }), Nothing),
  /** Answers once the command runs, or was attached to, or has a result to replay. */
  "run/start": act(RunStartParams, RunStartResult, 180_000),
  /** The output of one execution from its beginning, page by page; waits for more. */
  "run/output": read(RunOutputParams, RunOutput, 75_000),
  /** How the execution ended; null while it goes on. */
  "run/wait": read(RunWaitParams, RunOutcome.nullable(), 75_000),
  "run/stop": act(RunStopParams, RunStopResult, 60_000),
  "run/list": read(Nothing, z.array(RunView)),
  /** With a directory, servers of its apps that were started by hand are looked for first. */
  "daemon/status": read(z.object({ cwd: Cwd.optional() }), StatusResult),
  "lock/list": read(Nothing, z.array(LockView)),
  /** Takes a lock from its holder; without `yes` it is refused with what is known of the holder. */
  "lock/break": act(LockBreakParams, LockBreakResult, 15_000),
  /** How locks are used on the store, looked at now. */
  "monitor/concurrency": read(Nothing, Concurrency),
  "monitor/metrics": read(Nothing, z.object({ text: z.string().describe("Prometheus text format 0.0.4") })),
  "health/check": read(Nothing, HealthReport, 15_000),
  "port/inspect": read(z.object({ port: Port }), PortResult),
  "port/free": act(z.object({ port: Port, consent: z.array(ProcessIdentity).min(1) }), PortResult, 30_000),
  "command/detect": read(z.object({ cwd: Cwd, command: z.array(z.string()).min(1) }), Detection),
  "daemon/stop": read(Nothing, Nothing),
} as const satisfies Record<string, Method>;

export type MethodName = keyof typeof methods;
/** Parameters as a caller writes them (defaults may be left out). */
export type Params<M extends MethodName> = z.input<(typeof methods)[M]["params"]>;
/** Parameters as a handler receives them (defaults filled in). */
export type CheckedParams<M extends MethodName> = z.output<(typeof methods)[M]["params"]>;
export type Result<M extends MethodName> = z.output<(typeof methods)[M]["result"]>;

/** One message of the Language Server Protocol, carried inside ours in both directions. */
const LanguageMessage = z.object({
  message: z.custom<Message>(isMessage, "must be a JSON-RPC 2.0 message"),
});

/** Everything a client sends without expecting an answer. None of it acts. */
export const clientNotifications = {
  "language/message": LanguageMessage,
} as const satisfies Record<string, z.ZodType>;

export type ClientNotificationName = keyof typeof clientNotifications;
export type ClientNotification<N extends ClientNotificationName> = z.output<(typeof clientNotifications)[N]>;

/** Everything the daemon sends unasked. */
export const notifications = {
  "state/delta": Delta,
  "start/progress": z.object({
    progressToken: z.string(),
    phase: z.string(),
    /** What happens now, for a person. */
    message: z.string(),
  }),
  "terminal/data": z.object({ terminal: z.string(), data: z.string().describe("Raw output, base64") }),
  "terminal/closed": z.object({
    terminal: z.string(),
    /** What happened, for a person. */
    reason: z.string(),
    /** `dropped`: this viewer was too slow; it may attach again at once. */
    cause: z.enum(["ended", "dropped"]).default("ended"),
  }),
  "language/message": LanguageMessage,
} as const satisfies Record<string, z.ZodType>;

export type NotificationName = keyof typeof notifications;
export type Notification<N extends NotificationName> = z.output<(typeof notifications)[N]>;
