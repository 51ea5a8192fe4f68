import { pause, runWithDeadline } from "./deadline.ts";
import { type ErrorShape, toErrorShape } from "./errors.ts";

/** One thing to clean up. It may be run several times: doing it again after half of it must be right. */
export interface CleanupStep {
  /** What is done, in words: "release the locks". */
  readonly what: string;
  /** To which thing. */
  readonly thing: string;
  run(signal: AbortSignal): Promise<unknown>;
}

/** A step that failed in every attempt. */
export interface CleanupFailure {
  readonly what: string;
  readonly thing: string;
  readonly error: ErrorShape;
}

export interface CleanupTerms {
  /** For each attempt of each step, in milliseconds. */
  readonly deadlineMs: number;
  /** 1 unless told. */
  readonly attempts?: number;
  /** Before the second attempt, in milliseconds; doubled before each further one. 100 unless told. */
  readonly pauseMs?: number;
  /** No attempt begins after it aborts. */
  readonly signal?: AbortSignal;
}

const never = new AbortController().signal;

/**
 * Runs all steps at once. None waits for another or is hindered by another's failure; each has its own deadline, which
 * holds whatever the step does, and is tried again where it fails.
 * @returns what failed, with the last reason; never rejects
 */
export async function cleanUp(
  steps: readonly CleanupStep[],
  terms: CleanupTerms,
): Promise<readonly CleanupFailure[]> {
  const results = await Promise.all(steps.map((step) => attemptAll(step, terms)));
  return results.filter((failure) => failure !== undefined);
}

async function attemptAll(step: CleanupStep, terms: CleanupTerms): Promise<CleanupFailure | undefined> {
  const { deadlineMs, attempts = 1, signal = never } = terms;
  const { what, thing } = step;
  const name = `To ${what} (${thing})`;
  let pauseMs = terms.pauseMs ?? 100;
  for (let attempt = 1; ; attempt++) {
    try {
      // Deferred: also what a step throws before its first await is that step's failure alone.
      await runWithDeadline(deadlineMs, name, async (inner) => step.run(inner), signal);
      return undefined;
    } catch (error) {
      if (attempt >= attempts || signal.aborted) return { what, thing, error: toErrorShape(error) };
    }
    await pause(pauseMs, signal).catch(() => {});
    pauseMs *= 2;
  }
}

/** `release the locks (store): the store is away`, one after another. */
export function describeFailures(failures: readonly CleanupFailure[]): string {
  return failures.map(({ what, thing, error }) => `${what} (${thing}): ${error.message}`).join("; ");
}
