import type { RestartPolicy } from "../../shared/model/app.ts";
import type { Exit } from "../../shared/model/exit.ts";
import { mostRestarts } from "../../shared/model/session-state.ts";

/** Back-off before the first restart and the longest one, in milliseconds; it doubles from one to the next. */
const firstDelayMs = 1_000;
const longestDelayMs = 30_000;
/** Part of the delay that is left to chance, so that servers that fell together don't rise together. */
const jitter = 0.25;
/** A server that was ready for this long has recovered: what comes next is its first restart again, in milliseconds. */
const stableMs = 60_000;

/** How a launch ended that no caller asked to end. */
export interface Ending {
  readonly policy: RestartPolicy;
  /** Undefined where the host was killed, or the start failed before anything ran. */
  readonly exit: Exit | undefined;
  /** Restarts in a row so far. */
  readonly restarts: number;
  /** How long it was ready, in milliseconds; 0 if it never was. */
  readonly servedMs: number;
}

/** What follows. */
export type Verdict =
  | { readonly kind: "leave" }
  | { readonly kind: "restart"; readonly attempt: number; readonly inMs: number }
  | { readonly kind: "give-up"; readonly restarts: number };

/**
 * Exponential back-off with jitter and a cap; a server that ends again and again is left alone.
 * @param random from 0 to 1
 */
export function judge({ policy, exit, restarts, servedMs }: Ending, random: number): Verdict {
  const succeeded = exit?.code === 0 && exit.signal === null;
  if (policy === "never" || (policy === "on-failure" && succeeded)) return { kind: "leave" };
  const before = servedMs >= stableMs ? 0 : restarts;
  if (before >= mostRestarts) return { kind: "give-up", restarts: before };
  const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** before);
  return { kind: "restart", attempt: before + 1, inMs: Math.round(delayMs * (1 - jitter * random)) };
}
