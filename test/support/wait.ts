import { formatMs, until, withDeadline } from "../../shared/base/deadline.ts";

/**
 * How long something that will come is waited for, in milliseconds: by far longer than it takes on a machine that is
 * busy with other things. Only a test that fails waits that long.
 */
export const patienceMs = 180_000;

export interface WaitOptions {
  /** How long to wait in all, in milliseconds; {@link patienceMs} unless told. */
  readonly timeoutMs?: number;
  /** Pause between two questions, in milliseconds; 20 unless told. */
  readonly intervalMs?: number;
  /** What is there instead, asked for when the time is up: output so far, the last value seen. */
  readonly describe?: () => string;
}

/**
 * Waits until `probe` gives something other than `undefined`, `null` or `false`, and hands it back.
 * @param what the condition in words, for the failure: "the port to be free"
 * @throws Error naming the condition, once the time is up; errors of the probe at once
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<Exclude<T, undefined | null | false>> {
  const timeoutMs = options.timeoutMs ?? patienceMs;
  const signal = withDeadline(timeoutMs, what);
  const ask = async () => {
    const found = await probe();
    return isThere(found) ? found : undefined;
  };
  try {
    return await until(ask, { intervalMs: options.intervalMs ?? 20, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    const instead = options.describe === undefined ? "" : `\n${options.describe()}`;
    throw new Error(`Waited ${formatMs(timeoutMs)} in vain for ${what}.${instead}`);
  }
}

function isThere<T>(value: T): value is Exclude<T, undefined | null | false> {
  return value !== undefined && value !== null && value !== false;
}
