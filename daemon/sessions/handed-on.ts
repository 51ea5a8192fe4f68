import { until } from "../../shared/base/deadline.ts";
import { DevlatchError, hasCode } from "../../shared/base/errors.ts";
import type { SessionRecord } from "../../shared/model/session.ts";

/** How long a server that was handed on is waited for, in milliseconds; and how often it is looked for. */
const handedOnMs = 5_000;
const lookEveryMs = 250;

/** Whether a launch ended well, with nothing left of it: what it was to start may be another program's now. */
function endedWell(cause: unknown): boolean {
  if (!hasCode(cause, "EXITED_EARLY") || !(cause instanceof DevlatchError)) return false;
  return (cause.data as { readonly exit?: { readonly code?: number | null } }).exit?.code === 0;
}

/**
 * The server that a command has handed on before it ended: to the user's own tmux, or to one that ran already. It is looked
 * for as one that was started by hand.
 * @param cause why the launch failed
 * @param adopt takes it, where it is there
 * @returns undefined where there is none
 * @throws the signal's reason; as `adopt`
 */
export async function handedOn(
  cause: unknown,
  adopt: () => Promise<SessionRecord | undefined>,
  signal: AbortSignal,
): Promise<SessionRecord | undefined> {
  if (!endedWell(cause)) return undefined;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(handedOnMs)]);
  return until(adopt, { intervalMs: lookEveryMs, signal: limited }).catch((error: unknown) => {
    signal.throwIfAborted();
    if (limited.aborted) return undefined;
    throw error;
  });
}
