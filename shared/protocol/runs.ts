import * as z from "zod";
import { RunKey, RunView } from "../model/run.ts";
import { ThreadMessage } from "../model/thread.ts";

const OfRun = z.object({
  cwd: z.string().min(1).describe("Absolute directory the caller works in"),
  key: RunKey,
});
/** One execution of a key. */
const OfExecution = OfRun.extend({ launchId: z.string() });

/** How long a recorded result is replayed unless the caller says otherwise, in milliseconds. */
const defaultReplayMs = 3_600_000;

export const RunStartParams = OfRun.extend({
  command: z.array(z.string()).min(1),
  /** The caller's environment; the command inherits it, less Devlatch's own secrets. */
  env: z.record(z.string(), z.string()).default({}),
  /** Variables given explicitly, laid over the caller's: like command and directory, `once` compares them. */
  inputs: z.record(z.string(), z.string()).default({}),
  /** Replay the recorded result of an equal command, directory and inputs, if it is young enough. */
  once: z.boolean().default(false),
  /** How old a replayed result may be, in milliseconds. */
  ttlMs: z.number().positive().default(defaultReplayMs),
  /** Random; the same id asking again (after a lost connection) joins what it began. */
  callId: z.string().min(1),
  /** An execution that was lost: run again, unless another caller has done so already; then attach to that. */
  instead: z.string().optional(),
  /** Size of the caller's terminal. */
  size: z.object({ columns: z.int().min(1).max(2000), rows: z.int().min(1).max(2000) }).optional(),
  /** Chosen by the caller; `start/progress` notifications carry it. */
  progressToken: z.string().optional(),
});

export const RunStartResult = z.object({
  outcome: z.enum(["executed", "attached", "replayed"]),
  run: RunView,
  /** How the execution differs from what was asked for, in words: an attached caller asked for the key. */
  differences: z.array(z.string()),
  /** Whether its output can be read here; not where it runs on another machine. */
  readable: z.boolean(),
});
export type RunStartResult = z.infer<typeof RunStartResult>;

/** How an execution ended. */
export const RunOutcome = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ended"), exitCode: z.int(), cancelled: z.boolean() }),
  z.object({
    kind: z.literal("failed"),
    error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }),
  }),
]);
export type RunOutcome = z.infer<typeof RunOutcome>;

const waitMs = z.number().nonnegative().max(60_000).default(0);

export const RunOutput = z.object({
  /** With `form: "lines"`. */
  messages: z.array(ThreadMessage),
  /** With `form: "raw"`: bytes as the terminal got them, base64. */
  data: z.string(),
  /** Cursor of what follows: a sequence, or with `raw` a byte offset. */
  next: z.int().nonnegative(),
  /** Messages (or bytes) before these that are no longer kept. */
  skipped: z.int().nonnegative(),
  /** Present once the execution is over and everything it wrote has been read. */
  outcome: RunOutcome.optional(),
});

export const RunOutputParams = OfExecution.extend({
  /** Lines as a person reads them, or bytes as a terminal wants them. */
  form: z.enum(["lines", "raw"]).default("lines"),
  /** From the beginning without one. */
  cursor: z.int().nonnegative().optional(),
  limit: z.int().min(1).max(5000).default(1000),
  waitMs,
});

export const RunWaitParams = OfExecution.extend({ waitMs });

export const RunStopParams = OfRun.extend({
  /** Only this execution; without it the present one. */
  launchId: z.string().optional(),
});
export const RunStopResult = z.object({ outcome: z.enum(["stopped", "not_running"]), session: z.string() });
