import * as z from "zod";
import { AppName, Limits, Port, PortOrigin, ReadyProbe, RestartPolicy, StopWhenUnused } from "./app.ts";
import { Exit } from "./exit.ts";
import { Holder, HolderView } from "./holder.ts";
import { BuildView, SourcePlace } from "./output.ts";
import { Resources } from "./resources.ts";
import { SandboxId } from "./sandbox.ts";

/** Longest name of who has a port, in characters. */
export const longestName = 80;

/** An error as a session remembers it. */
export const SessionError = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
  /** The last lines of output, oldest first, escapes stripped. */
  logTail: z.array(z.string()),
});
export type SessionError = z.infer<typeof SessionError>;

/**
 * How far a start has come: its host is launched, its process runs, a port of it is open, that port is asked for an
 * answer. Who waits for the start's lock writes no record: it is the owner's.
 */
export const StartPhase = z.enum(["launching", "spawned", "listening", "responding"]);
export type StartPhase = z.infer<typeof StartPhase>;

/** Who had a server stopped, as {@link Holder}; `restart`: to be started again at once. */
export const StoppedBy = Holder.pick({ kind: true, label: true, pid: true }).extend({
  for: z.enum(["stop", "restart"]),
});
export type StoppedBy = z.infer<typeof StoppedBy>;

/** Where a session stands. All times are milliseconds since the epoch. */
export const SessionState = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("stopped"),
    since: z.number(),
    exit: z.optional(Exit),
    /** Who asked for it; absent where it ended by itself, and in records of other homes. */
    stoppedBy: StoppedBy.optional(),
  }),
  z.object({
    kind: z.literal("starting"),
    since: z.number(),
    phase: StartPhase.catch("launching"),
    /** What it asks on its terminal; until it is answered there it goes no further. */
    asks: z.string().optional(),
  }),
  z.object({
    kind: z.literal("ready"),
    since: z.number(),
    /** The process that listens (for an app that moved ports, still the real one). */
    pid: z.int(),
    startTime: z.string(),
    port: Port,
    url: z.string(),
    /** The port that it would have had, and who has that: `node old.js`, `web of shop`. */
    displaced: z.object({ port: Port, by: z.string().max(longestName) }).optional(),
    /** Present where it has pipes in place of a terminal, because the system has none to give. */
    terminal: z.literal("pipes").optional(),
  }),
  /** What serves has crashed; what watches its files lives, and starts it again when they change. */
  z.object({
    kind: z.literal("crashed"),
    since: z.number(),
    error: SessionError,
    /** What it ended with, in its own words, and where that is, if its output says so. */
    cause: z.string().optional(),
    place: SourcePlace.optional(),
  }),
  z.object({ kind: z.literal("stopping"), since: z.number() }),
  z.object({ kind: z.literal("failed"), since: z.number(), error: SessionError, exit: z.optional(Exit) }),
  /** It ended by itself and is started again. */
  z.object({
    kind: z.literal("restarting"),
    since: z.number(),
    /** When it is started again. */
    at: z.number(),
    /** 1 for the first restart in a row. */
    attempt: z.int().positive(),
    /** How it ended. */
    error: SessionError,
    exit: z.optional(Exit),
  }),
]);
export type SessionState = z.infer<typeof SessionState>;

/**
 * Who holds the process tree: a session host of ours, or none (`adopted`: a server that was started by hand).
 */
export const Hosting = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("hosted"),
    /** Identifies one launch; also the value of the environment cookie in every process of the tree. */
    launchId: z.string(),
    /** Directory of the session on the host's machine: thread database and socket live there. */
    directory: z.string(),
    machineId: z.string(),
  }),
  z.object({ kind: z.literal("adopted"), machineId: z.string(), pid: z.int(), startTime: z.string() }),
]);
export type Hosting = z.infer<typeof Hosting>;

/** The port an app was to have before one was chosen for its launch. */
const PortWish = z.object({
  port: Port,
  origin: PortOrigin,
  /** `port` in `devlatch.json` then. */
  configured: Port.optional(),
});

/** What a running session was started with; reuse compares what a caller asks for. */
export const LaunchSettings = z.object({
  command: z.array(z.string()),
  cwd: z.string(),
  /** Digests of the values (`valueDigest`), which may be secrets: enough to compare with. */
  env: z.record(z.string(), z.string()),
  /** The one it was launched to listen on: chosen, seen or guessed. */
  port: Port,
  /** Absent in records of earlier builds, and of servers that were started by hand. */
  wish: PortWish.optional(),
  /** Whether it was told `port`: else it took one by itself. */
  told: z.boolean().optional(),
});
export type LaunchSettings = z.infer<typeof LaunchSettings>;

/** What a caller asked for, to ask for the same again. */
export const LaunchRequest = z.object({
  cwd: z.string(),
  /** Absent where configuration or detection gave it. */
  command: z.array(z.string()).optional(),
  port: Port.optional(),
  /** It is there for who uses it, and ends with its last user; a command is then what a script of the app says. */
  whileUsed: z.literal(true).optional(),
});
export type LaunchRequest = z.infer<typeof LaunchRequest>;

/** On whose behalf a server was launched; see {@link Holder}. */
export const StartedBy = Holder.pick({ kind: true, label: true });
export type StartedBy = z.infer<typeof StartedBy>;

/** A session as the store keeps it. The intent (`starting`) is written before anything is launched. */
export const SessionRecord = z.object({
  session: z.string(),
  app: AppName,
  sandboxId: SandboxId,
  root: z.string(),
  /** Fencing token of the lock under which this was written; writes with a lower one are refused. */
  fence: z.number(),
  settings: LaunchSettings,
  stop: z.object({ signal: z.string(), timeoutMs: z.number() }),
  framework: z.string().optional(),
  /** Of one of several packages that could be this app: also who asks for that one means it where it is the one that runs. */
  member: z.enum(["web", "mobile"]).optional(),
  ready: ReadyProbe.optional(),
  stopWhenUnused: StopWhenUnused.optional(),
  /** Of what an agent had started: it ends this long after its last user, unless a person used it. */
  stopAfterAgents: StopWhenUnused.optional(),
  limits: Limits.optional(),
  hosting: Hosting.optional(),
  restart: RestartPolicy.default("never"),
  /** Restarts in a row that led to this launch; 0 where a caller asked for it. */
  restarts: z.int().nonnegative().default(0),
  asked: LaunchRequest.optional(),
  /** Absent in records of earlier builds and of other homes, and of servers that were started by hand. */
  startedBy: StartedBy.optional(),
  state: SessionState,
  /** When this launch began, in milliseconds since the epoch. */
  startedAt: z.number(),
  /**
   * Present where another home wrote last where this launch of ours stands. It is shown; no process is ended, and nothing
   * is started, because of it.
   */
  told: z.literal("elsewhere").optional(),
  /** Present where another home launched it on this machine: that one knows whether its end is a reason to restart. */
  launchedBy: z.literal("elsewhere").optional(),
});
export type SessionRecord = z.infer<typeof SessionRecord>;

/** A session as clients see it. Environment values stay in the daemon. */
export const SessionView = z.object({
  session: z.string(),
  app: AppName,
  sandboxId: SandboxId,
  root: z.string(),
  cwd: z.string(),
  /** The command as a person would type it. */
  command: z.string(),
  fence: z.number(),
  state: SessionState,
  hosting: z.enum(["hosted", "adopted", "none"]),
  startedAt: z.number(),
  /** What its processes use; absent unless it runs on this machine, and in its first moments. */
  resources: Resources.optional(),
  /** Who uses it, the longest first; empty while it doesn't run. */
  holders: z.array(HolderView).default([]),
  /** What its output says of its build; absent unless it runs on this machine. */
  build: BuildView.optional(),
  /** Who had it launched, where that is known. */
  startedBy: StartedBy.optional(),
  /** Id of its framework (`next`, `expo`, …) where detection recognised one. */
  framework: z.string().optional(),
  /** Restarts in a row that led to this launch; absent where there were none. */
  restarts: z.int().positive().optional(),
});
export type SessionView = z.infer<typeof SessionView>;
