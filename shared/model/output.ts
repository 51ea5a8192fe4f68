import * as z from "zod";

/** A place in a source file, as the server named it: relative to the app's directory, or absolute. */
export const SourcePlace = z.object({
  file: z.string(),
  /** From 1. */
  line: z.int().positive().optional(),
  /** From 1. */
  column: z.int().positive().optional(),
});
export type SourcePlace = z.infer<typeof SourcePlace>;

/** One call in a stack trace. */
export const StackFrame = SourcePlace.extend({ name: z.string().optional() });
export type StackFrame = z.infer<typeof StackFrame>;

/**
 * `build`: the code can't be compiled or loaded; `request`: it failed while the server answered a request; `log`: the
 * code printed it, which may be harmless.
 */
export const ErrorPhase = z.enum(["build", "request", "log"]);
export type ErrorPhase = z.infer<typeof ErrorPhase>;

/** The message of the thread that it begins with. */
const said = {
  seq: z.int().positive(),
  /** Milliseconds since the epoch. */
  time: z.number(),
  /** The part of the server that said it, where a runner such as `concurrently` names it. */
  source: z.string().optional(),
  /** Who reports it: `next`, `vite`, `tsc`, … where that matters; absent for what the code itself printed. */
  tool: z.string().optional(),
};

/** Something a server said, recognised in its output. */
export const OutputEvent = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("compiling"), ...said }),
  z.object({
    kind: z.literal("compiled"),
    ...said,
    /** How long it took, in milliseconds, where it said so. */
    ms: z.number().optional(),
    warnings: z.int().nonnegative().optional(),
  }),
  z.object({
    kind: z.literal("error"),
    ...said,
    message: z.string(),
    phase: ErrorPhase,
    place: SourcePlace.optional(),
    stack: z.array(StackFrame),
  }),
  z.object({ kind: z.literal("warning"), ...said, message: z.string(), place: SourcePlace.optional() }),
  z.object({ kind: z.literal("url"), ...said, url: z.string() }),
  /** A stack trace that no error stands above. */
  z.object({ kind: z.literal("stack"), ...said, frames: z.array(StackFrame) }),
]);
export type OutputEvent = z.infer<typeof OutputEvent>;

export const OutputEventKind = z.enum(["compiling", "compiled", "error", "warning", "url", "stack"]);

/** A page of events in ascending order. Pass `next` as the cursor for what follows. */
export const OutputEventPage = z.object({
  events: z.array(OutputEvent),
  /** Sequence of the last message looked at. */
  next: z.int().nonnegative(),
});
export type OutputEventPage = z.infer<typeof OutputEventPage>;

/** An error that keeps a server from doing its work. */
export const BuildError = z.object({
  message: z.string(),
  phase: ErrorPhase,
  place: SourcePlace.optional(),
  /** Of the message in the thread. */
  seq: z.int().positive(),
  /** When it was last reported, in milliseconds since the epoch. */
  time: z.number(),
});
export type BuildError = z.infer<typeof BuildError>;

/** Most errors of a build that are kept and shown; the others are counted. */
export const shownBuildErrors = 10;

/** What a server last said about its build. */
export const BuildView = z.object({
  /** `unknown`: it said nothing about any build. */
  status: z.enum(["unknown", "compiling", "clean", "failed"]),
  /** Since when, in milliseconds since the epoch. */
  since: z.number(),
  /** Sequence of the message that led to this. */
  seq: z.int().nonnegative(),
  /** The first ones. */
  errors: z.array(BuildError).max(shownBuildErrors),
  errorCount: z.int().nonnegative(),
  warnings: z.int().nonnegative(),
  /** Messages that were not looked at: they came faster than they could be, or long before this daemon. */
  skipped: z.int().nonnegative(),
  /**
   * By part of the server, as it stands before its lines, its directory from the server's own, where that isn't the
   * same.
   */
  directories: z.record(z.string(), z.string()).optional(),
});
export type BuildView = z.infer<typeof BuildView>;
