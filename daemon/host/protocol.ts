import * as z from "zod";
import { ProcessIdentity, ProcessView } from "../../shared/model/process.ts";
import { Exit } from "../../shared/model/session.ts";

/** Name of the socket in a session's directory, before it is shortened for the platform. */
export const hostSocket = "host.sock";

/** What a session host is told on its standard input, as one JSON document, before it spawns anything. */
export const HostSpec = z.object({
  session: z.string(),
  /** One launch; also the environment cookie. */
  launchId: z.string(),
  fence: z.number(),
  command: z.array(z.string()).min(1),
  cwd: z.string(),
  /** Complete environment of the child, cookie included. */
  env: z.record(z.string(), z.string()),
  columns: z.int(),
  rows: z.int(),
  /** Directory of the session; holds `thread.db`, `host.lock` and, where short enough, the socket. */
  directory: z.string(),
  /** Written into the thread as an event before anything is spawned. */
  note: z.string().optional(),
  /** The journal of this home, for the signals a stop sends. */
  journal: z.string().optional(),
  /** The leader's end is the end: what it leaves behind is ended (a run). Else the last member's end is (a server). */
  endsWithLeader: z.boolean().optional(),
});
export type HostSpec = z.infer<typeof HostSpec>;

/** What the host answers on its standard output, as one line of JSON, before it closes it. */
export const HostReport = z.discriminatedUnion("kind", [
  /** The child runs. */
  z.object({ kind: z.literal("running"), host: ProcessIdentity, leader: ProcessIdentity }),
  /** Another host already holds this session's lock; nothing was spawned. */
  z.object({ kind: z.literal("occupied") }),
  /** The child could not be spawned; nothing is left. `code` is one of the closed list. */
  z.object({ kind: z.literal("failed"), code: z.string(), message: z.string(), remedy: z.string() }),
]);
export type HostReport = z.infer<typeof HostReport>;

/** What a host says about its launch. */
export const HostDescription = z.object({
  session: z.string(),
  launchId: z.string(),
  fence: z.number(),
  host: ProcessIdentity,
  leader: ProcessIdentity,
  startedAt: z.number(),
  exit: Exit.optional(),
});
export type HostDescription = z.infer<typeof HostDescription>;

export const HostStopResult = z.object({
  survivors: z.array(ProcessView),
  escalated: z.boolean(),
  elapsedMs: z.number(),
});
export type HostStopResult = z.infer<typeof HostStopResult>;

/** Requests a host answers on its socket (JSON-RPC over the stream framing of vscode-jsonrpc). */
export const hostMethods = {
  describe: { params: z.object({}), result: HostDescription },
  /** Ends the whole tree; the host itself exits after the answer. */
  stop: { params: z.object({ signal: z.string(), timeoutMs: z.number() }), result: HostStopResult },
  /** Adds an event to the thread. */
  note: { params: z.object({ text: z.string() }), result: z.object({}) },
  /** Starts `output` notifications on this connection. `scrollback`: raw output so far, base64, at most 1 MiB. */
  attach: { params: z.object({}), result: z.object({ scrollback: z.string() }) },
  /** The environment the command was given, to start it again with the same. */
  environment: { params: z.object({}), result: z.object({ env: z.record(z.string(), z.string()) }) },
  input: { params: z.object({ data: z.string() }), result: z.object({}) },
  resize: { params: z.object({ columns: z.int(), rows: z.int() }), result: z.object({}) },
} as const;

/**
 * Notifications a host sends: raw output (base64) after `attach`; that a viewer was too slow and gets no more output
 * until it attaches again; a hint that new lines were written; the exit.
 */
export const hostNotifications = {
  output: z.object({ data: z.string() }),
  dropped: z.object({ reason: z.string() }),
  wrote: z.object({ seq: z.int() }),
  exited: z.object({ exit: Exit }),
} as const;

type Methods = typeof hostMethods;
export type HostMethod = keyof Methods;
export type HostNotification = keyof typeof hostNotifications;
export type Params<M extends HostMethod> = z.output<Methods[M]["params"]>;
export type Result<M extends HostMethod> = z.output<Methods[M]["result"]>;
