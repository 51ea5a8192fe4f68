import * as z from "zod";
import { BuildError, OutputEventKind } from "../model/output.ts";
import { OfApp } from "./place.ts";
import { defaultBuildWaitMs } from "./times.ts";

export const OutputEventsParams = OfApp.extend({
  /** Events after this message; 0: from the oldest kept; absent: the last ones. */
  cursor: z.int().nonnegative().optional(),
  limit: z.int().min(1).max(1000).default(200),
  types: z.array(OutputEventKind).optional(),
});

/** Longest time a caller may wait for a build, in milliseconds. */
export const maxBuildWaitMs = 10 * 60_000;
/** Time an answer may take beyond the wait itself, in milliseconds. */
export const buildAnswerMs = 30_000;

export const BuildWaitParams = OfApp.extend({
  /**
   * Only what was said after this message counts, e.g. `next` of a page read before a file was changed: waits up to
   * `graceMs` for a build that begins or ends after it. Absent: what is there counts, once nothing compiles.
   */
  sinceSeq: z.int().nonnegative().optional(),
  /**
   * How long a build may take to begin, in milliseconds. A framework needs a moment to see a change, and says nothing
   * of one that no page uses: after this time what was there before counts.
   */
  graceMs: z.number().nonnegative().max(60_000).default(2_000),
  /**
   * Path to ask the server for first: most frameworks compile a page when it is asked for, and not before. Absent: those
   * that failed before, and `/` of a framework that compiles on request.
   */
  visit: z.string().startsWith("/").max(2_000).optional(),
  timeoutMs: z.number().positive().max(maxBuildWaitMs).default(defaultBuildWaitMs),
});

export const BuildWaitResult = z.object({
  /** `unknown`: the server runs, and nothing shows whether what it serves is built. */
  status: z.enum(["clean", "failed", "unknown"]),
  /** Where it is unknown: why, in a sentence. */
  reason: z.string().optional(),
  /** Where it is unknown: what would tell. */
  advice: z.string().optional(),
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
