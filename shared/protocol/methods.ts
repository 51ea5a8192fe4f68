import type { Message } from "vscode-jsonrpc/node";
import * as z from "zod";
import { Alert, AlertBoard, AlertKind } from "../model/alert.ts";
import { AppName, ConflictPolicy, Detection, Port } from "../model/app.ts";
import { OpenCleanup } from "../model/cleanup.ts";
import { Concurrency } from "../model/concurrency.ts";
import { DaemonView } from "../model/daemon.ts";
import { Finding, FixOutcome } from "../model/doctor.ts";
import { Exit } from "../model/exit.ts";
import { HealthReport } from "../model/health.ts";
import { HealthHistoryPage } from "../model/health-history.ts";
import { HealthThresholds } from "../model/health-thresholds.ts";
import { JournalPage } from "../model/journal.ts";
import { LockView } from "../model/lock.ts";
import { OutputEventPage } from "../model/output.ts";
import { HiddenListener, Listener, PortClient, ProcessView } from "../model/process.ts";
import { ProcessIdentity } from "../model/process-identity.ts";
import { ResourceHistory } from "../model/resources.ts";
import { RunView } from "../model/run.ts";
import { AppPorts, ClaimedSandbox, PoolSandbox, SandboxId, SandboxView } from "../model/sandbox.ts";
import { SessionView } from "../model/session.ts";
import { Delta, Snapshot } from "../model/snapshot.ts";
import { ThreadPage } from "../model/thread.ts";
import type {
  Api,
  CheckedParamsOf,
  Method,
  NameOf,
  Notifications,
  ParamsOf,
  ResultOf,
  ValueOf,
} from "../rpc/api.ts";
import { isMessage } from "../rpc/transport.ts";
import { MeantApps, MeantParams, SeenExternal } from "./apps.ts";
import {
  BuildWaitParams,
  BuildWaitResult,
  buildAnswerMs,
  maxBuildWaitMs,
  OutputEventsParams,
} from "./builds.ts";
import { HealthHistoryParams, JournalParams, LogsParams } from "./history.ts";
import { Cwd, InSandbox, OfApp } from "./place.ts";
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
import { ProjectScript, ScriptParams } from "./scripts.ts";
import { Aim, Targets } from "./targets.ts";
import { defaultStartTimeoutMs, defaultStopTimeoutMs, maxStartTimeoutMs } from "./times.ts";
import { LaunchOutput, LaunchOutputParams, LeaveParams, LeaveResult, OwnLaunchParams } from "./usage.ts";

/** A method of the daemon. */
interface DaemonMethod<P extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType>
  extends Method<P, R> {
  /** Methods that start, stop, signal or silence something are refused to clients of an untrusted workspace. */
  readonly acts: boolean;
}

function read<P extends z.ZodType, R extends z.ZodType>(
  params: P,
  result: R,
  deadlineMs = 10_000,
): DaemonMethod<P, R> {
  return { params, result, deadlineMs, acts: false };
}

function act<P extends z.ZodType, R extends z.ZodType>(
  params: P,
  result: R,
  deadlineMs: number,
): DaemonMethod<P, R> {
  return { params, result, deadlineMs, acts: true };
}

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
  /** The caller agrees to servers using more memory together than they may. */
  overBudget: z.boolean().default(false),
  /** A server that is launched for this ends with its last user; the command is one that a script of the app says. */
  whileUsed: z.boolean().default(false),
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
  /**
   * `external`: it runs elsewhere, and is there. `done`: a task whose command ended well; `unchanged`: it did so before, and
   * nothing it depends on is different.
   */
  outcome: z.enum(["started", "reused", "adopted", "external", "done", "unchanged"]),
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
  timeoutMs: z.number().positive().max(600_000).default(defaultStopTimeoutMs),
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

export const StatusResult = z.object({
  daemon: DaemonView,
  sessions: z.array(SessionView),
  locks: z.array(LockView),
  health: HealthReport.nullable(),
  /** Live runs, and the last ones that ended, newest first. */
  runs: z.array(RunView).optional(),
  /** What is wrong now, the worst first. */
  alerts: z.array(Alert).optional(),
  /** Cleanups that failed and are tried again, the oldest first. */
  cleanups: z.array(OpenCleanup).optional(),
});
export type StatusResult = z.infer<typeof StatusResult>;

export const PortResult = z.object({
  port: Port,
  listeners: z.array(Listener),
  /** Listeners whose process can't be seen. */
  hidden: z.array(HiddenListener).default([]),
  /** Processes of this machine that are connected to it. `free` leaves them alone. */
  clients: z.array(PortClient).default([]),
  /** Processes ended by `free`. */
  freed: z.array(ProcessView),
  notice: Notice,
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
  /** Whether programs may run that the repository's own git configuration names. */
  yes: z.boolean().default(false),
});

const OfOwner = InSandbox.extend({
  /** Id or path; by default the one that `cwd` is in. */
  sandbox: z.string().min(1).optional(),
  /** By default the one kept for callers in the sandbox's own directory. */
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

/** Longest time alerts can be silenced, in milliseconds. */
const AlertPauseMs = z
  .number()
  .positive()
  .max(30 * 24 * 3_600_000);

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
  /** Which apps are meant by several names, or by none. */
  "project/apps": read(MeantParams, MeantApps, 25_000),
  /** Connects to what the project says runs elsewhere: not for a workspace that isn't trusted. */
  "project/externals": act(InSandbox, z.object({ externals: z.array(SeenExternal) }), 10_000),
  /** What the name of a script or task stands for. */
  "project/script": read(ScriptParams, ProjectScript, 25_000),
  "sandbox/claim": act(ClaimParams, ClaimedSandbox, maxClaimWaitMs + sandboxWorkMs),
  "sandbox/renew": act(OfOwner.extend({ leaseMs: LeaseMs.optional() }), PoolSandbox, sandboxWorkMs),
  "sandbox/release": act(
    OfOwner.extend({
      discard: z.boolean().default(false),
      /** What its teardown inherits. */
      env: z.record(z.string(), z.string()).optional(),
      skipTeardown: z.boolean().default(false),
    }),
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
  /** A failure that its user knows of: the session counts as stopped. By its place: its files may be gone. */
  "session/dismiss": act(
    z.object({ sandboxId: SandboxId, app: AppName }),
    z.object({ dismissed: z.boolean() }),
    10_000,
  ),
  /** The process that listens for a server, and those it runs below, the nearest first: a terminal's shell may be among them. */
  "session/lineage": read(
    z.object({ sandboxId: SandboxId, app: AppName }),
    z.object({ pids: z.array(z.int()) }),
  ),
  /** The caller uses the server no more. */
  "session/leave": act(LeaveParams, LeaveResult, 620_000),
  /** Whether a launch, named by its mark, is the present one of an app. */
  "session/own": read(OwnLaunchParams, z.object({ own: z.boolean() })),
  /** What one launch wrote, as its terminal got it, page by page; waits for more. */
  "session/output": read(LaunchOutputParams, LaunchOutput, 75_000),
  "session/logs": read(LogsParams, ThreadPage, 75_000),
  /** What a session's output says, as typed events: errors, URLs, builds that begin and end. */
  "session/events": read(OutputEventsParams, OutputEventPage, 30_000),
  /** Answers when the server's build is done. */
  "session/waitForCleanBuild": read(BuildWaitParams, BuildWaitResult, maxBuildWaitMs + buildAnswerMs),
  /**
   * `CURSOR_EXPIRED` where entries after the cursor are no longer kept; `data.oldest` is the oldest cursor that works.
   */
  "journal/read": read(JournalParams, JournalPage, 75_000),
  /** What a session's processes used; empty for one that never ran under this daemon. */
  "session/resources": read(OfApp, ResourceHistory),
  /** Streams the terminal: what was on it, then `terminal/data` notifications until `terminal/detach`. */
  "terminal/attach": act(
    OfApp.extend({ columns: z.int().min(1).max(2000), rows: z.int().min(1).max(2000) }),
    z.object({ terminal: z.string(), scrollback: z.string().describe("Raw output so far, base64") }),
    10_000,
  ),
  "terminal/input": act(z.object({ terminal: z.string(), data: z.string() }), Nothing, 10_000),
  /** Presses keys at a session's terminal without looking at it: its size stays that of its viewers. */
  "terminal/press": act(OfApp.extend({ data: z.string().min(1).max(100) }), Nothing, 10_000),
  "terminal/resize": act(
    z.object({ terminal: z.string(), columns: z.int().min(1).max(2000), rows: z.int().min(1).max(2000) }),
    Nothing,
    10_000,
  ),
  "terminal/detach": read(z.object({ terminal: z.string() }), Nothing),
  /** Answers once the command runs, or was attached to, or has a result to replay. */
  "run/start": act(RunStartParams, RunStartResult, maxStartTimeoutMs + 180_000),
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
  /** How components were, oldest first: single looks of the last day, hours of the week. */
  "health/history": read(HealthHistoryParams, HealthHistoryPage),
  /** The editor's thresholds, over those of `health.json`, as long as this daemon runs. */
  "health/configure": act(z.object({ thresholds: HealthThresholds }), Nothing, 10_000),
  /** What is left over of sessions, hosts, locks and sandboxes: what stayed the same over several looks. */
  "doctor/examine": read(Nothing, z.object({ findings: z.array(Finding) }), 40_000),
  /** Removes what a finding names, checked again in that moment. */
  "doctor/fix": act(z.object({ id: z.string().min(1) }), z.object({ outcome: FixOutcome }), 120_000),
  "port/inspect": read(z.object({ port: Port }), PortResult),
  "port/free": act(z.object({ port: Port, consent: z.array(ProcessIdentity).min(1) }), PortResult, 30_000),
  /** Which servers a command line would hit that ends processes. Nothing is signalled. */
  "process/targets": read(Aim, Targets),
  "command/detect": read(z.object({ cwd: Cwd, command: z.array(z.string()).min(1) }), Detection),
  "alerts/list": read(Nothing, AlertBoard),
  /** One of all clients gets to show an alert: the first that asks while it stands. */
  "alerts/take": read(z.object({ id: z.string(), since: z.number() }), z.object({ taken: z.boolean() })),
  "alerts/snooze": read(z.object({ id: z.string().min(1), forMs: AlertPauseMs }), AlertBoard),
  "alerts/mute": act(z.object({ kind: AlertKind, muted: z.boolean() }), AlertBoard, 10_000),
  /** Without a time: for as long as this client stays connected. */
  "alerts/pause": act(z.object({ forMs: AlertPauseMs.optional() }), AlertBoard, 10_000),
  "alerts/resume": read(Nothing, AlertBoard),
  "daemon/stop": act(Nothing, Nothing, 10_000),
} as const satisfies Record<string, DaemonMethod>;

export type MethodName = NameOf<typeof methods>;
/** Parameters as a caller writes them (defaults may be left out). */
export type Params<M extends MethodName> = ParamsOf<typeof methods, M>;
/** Parameters as a handler receives them (defaults filled in). */
export type CheckedParams<M extends MethodName> = CheckedParamsOf<typeof methods, M>;
export type Result<M extends MethodName> = ResultOf<typeof methods, M>;

/** One message of the Language Server Protocol, carried inside ours in both directions. */
const LanguageMessage = z.object({
  message: z.custom<Message>(isMessage, "must be a JSON-RPC 2.0 message"),
});

/** Everything a client sends without expecting an answer. None of it acts. */
export const clientNotifications = {
  "language/message": LanguageMessage,
} as const satisfies Notifications;

export type ClientNotificationName = NameOf<typeof clientNotifications>;
export type ClientNotification<N extends ClientNotificationName> = ValueOf<typeof clientNotifications, N>;

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
    /** How the server ended, where that is known. */
    exit: z.optional(Exit),
  }),
  "language/message": LanguageMessage,
} as const satisfies Notifications;

export type NotificationName = NameOf<typeof notifications>;
export type Notification<N extends NotificationName> = ValueOf<typeof notifications, N>;

/** All messages between an authenticated client and the daemon. */
export const daemonApi = { methods, notifications, clientNotifications } as const satisfies Api;
