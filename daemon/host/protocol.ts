import * as z from "zod/mini";
import { Exit } from "../../shared/model/exit.ts";
import { ProcessIdentity } from "../../shared/model/process-identity.ts";
import type { Api } from "../../shared/rpc/api.ts";

/** Name of the socket in a session's directory, before it is shortened for the platform. */
export const hostSocket = "host.sock";

/** What a session host is told on its standard input, as one JSON document, before it spawns anything. */
export const HostSpec = z.object({
  session: z.string(),
  /** One launch; also the environment cookie. */
  launchId: z.string(),
  fence: z.number(),
  command: z.array(z.string()).check(z.minLength(1)),
  cwd: z.string(),
  /** Complete environment of the child, cookie included. */
  env: z.record(z.string(), z.string()),
  columns: z.int(),
  rows: z.int(),
  /** Directory of the session; holds `thread.db`, `host.lock` and, where short enough, the socket. */
  directory: z.string(),
  /** Written into the thread as an event before anything is spawned. */
  note: z.optional(z.string()),
  /** The journal of this home, for the signals a stop sends. */
  journal: z.optional(z.string()),
  /** The leader's end is the end: what it leaves behind is ended (a run). Else the last member's end is (a server). */
  endsWithLeader: z.optional(z.boolean()),
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
  /** Present where pipes stand in for a terminal, because the system has none to give. */
  terminal: z.optional(z.literal("pipes")),
  exit: z.optional(Exit),
});
export type HostDescription = z.infer<typeof HostDescription>;

const HostStopParams = z.object({
  signal: z.string(),
  /** What the processes get before SIGKILL, in milliseconds. */
  timeoutMs: z.number(),
});
type HostStopParams = z.infer<typeof HostStopParams>;

/** A process that lives on, as `ProcessView` has it. */
const Survivor = z.object({
  ...ProcessIdentity.shape,
  command: z.string(),
  cwd: z.optional(z.string()),
  user: z.optional(z.string()),
});

export const HostStopResult = z.object({
  survivors: z.array(Survivor),
  escalated: z.boolean(),
  elapsedMs: z.number(),
});
export type HostStopResult = z.infer<typeof HostStopResult>;

/** How long a host may take to answer, in milliseconds. */
const answerMs = 3_000;
/** What a stop may take beyond the time its processes are given, in milliseconds: SIGKILL, three scans, the record. */
const stopMarginMs = 18_000;

const Nothing = z.object({});

/** All messages between a host and what connects to its socket (JSON-RPC over the stream framing of vscode-jsonrpc). */
export const hostApi = {
  methods: {
    /** That this is the host whose key is in the session's directory: HMAC over nonce, socket and process (`Binding`). */
    prove: {
      params: z.object({ nonce: z.string().check(z.minLength(16), z.maxLength(200)) }),
      result: z.object({ proof: z.string(), host: ProcessIdentity }),
      deadlineMs: answerMs,
    },
    describe: { params: Nothing, result: HostDescription, deadlineMs: answerMs },
    /** Ends the whole tree; the host itself exits after the answer. */
    stop: {
      params: HostStopParams,
      result: HostStopResult,
      deadlineMs: ({ timeoutMs }: HostStopParams) => timeoutMs + stopMarginMs,
    },
    /** Adds an event to the thread. */
    note: { params: z.object({ text: z.string() }), result: Nothing, deadlineMs: answerMs },
    /** Starts `output` notifications on this connection. `scrollback`: raw output so far, base64, at most 1 MiB. */
    attach: { params: Nothing, result: z.object({ scrollback: z.string() }), deadlineMs: answerMs },
    /** The environment the command was given, to start it again with the same. */
    environment: {
      params: Nothing,
      result: z.object({ env: z.record(z.string(), z.string()) }),
      deadlineMs: answerMs,
    },
    input: { params: z.object({ data: z.string() }), result: Nothing, deadlineMs: answerMs },
    /** The size of this viewer's terminal. */
    resize: {
      params: z.object({ columns: z.int(), rows: z.int() }),
      result: Nothing,
      deadlineMs: answerMs,
    },
  },
  notifications: {
    /** Raw output from `attach` on, base64. */
    output: z.object({ data: z.string() }),
    /** This viewer was too slow and gets no more output until it attaches again. */
    dropped: z.object({ reason: z.string() }),
    /** A hint: the thread has messages up to this sequence. */
    wrote: z.object({ seq: z.int() }),
    /** The session is over and recorded; the next host may be started. */
    exited: z.object({ exit: Exit }),
  },
  clientNotifications: {},
} as const satisfies Api;

export type HostNotifications = typeof hostApi.notifications;
