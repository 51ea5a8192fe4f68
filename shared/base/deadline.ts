import { setTimeout as delay } from "node:timers/promises";
import { DevlatchError } from "./errors.ts";

/** A signal that aborts with `DEADLINE` after `ms`, or with the parent's reason if that aborts first. */
export function withDeadline(ms: number, what: string, parent?: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const expire = () =>
    controller.abort(
      new DevlatchError(
        "DEADLINE",
        `${what} took longer than ${formatMs(ms)}.`,
        "Try again, or allow more time with --timeout.",
      ),
    );
  const timer = setTimeout(expire, ms);
  timer.unref();
  const follow = () => controller.abort(parent?.reason);
  if (parent?.aborted) follow();
  else parent?.addEventListener("abort", follow, { once: true });
  controller.signal.addEventListener(
    "abort",
    () => {
      clearTimeout(timer);
      parent?.removeEventListener("abort", follow);
    },
    { once: true },
  );
  return controller.signal;
}

/**
 * Runs `work` under a deadline. The signal handed to `work` aborts at the deadline or with the parent;
 * the returned promise settles then at the latest, whatever `work` does.
 * @param ms the deadline in milliseconds
 * @throws DevlatchError `DEADLINE`, or the parent's abort reason
 */
export async function runWithDeadline<T>(
  ms: number,
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
  parent?: AbortSignal,
): Promise<T> {
  const finished = new AbortController();
  const scope = parent === undefined ? finished.signal : AbortSignal.any([parent, finished.signal]);
  const signal = withDeadline(ms, what, scope);
  try {
    return await abortable(work(signal), signal);
  } finally {
    finished.abort(new DevlatchError("CANCELLED", `${what} is over.`, "Nothing to do."));
  }
}

/** Settles as `promise` does, or rejects with the signal's reason when that aborts first. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => {});
    throw signal.reason;
  }
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (onAbort) signal.removeEventListener("abort", onAbort);
  }
}

/**
 * Asks `probe` again and again until it gives something other than `undefined`. For conditions that can't be
 * subscribed to (another process' sockets, a file of another program).
 * @param intervalMs pause between two questions, in milliseconds
 * @throws the signal's reason
 */
export async function until<T>(
  probe: () => T | undefined | Promise<T | undefined>,
  options: { intervalMs: number; signal: AbortSignal },
): Promise<T> {
  for (;;) {
    options.signal.throwIfAborted();
    const found = await probe();
    if (found !== undefined) return found;
    await pause(options.intervalMs, options.signal);
  }
}

/** Waits `ms` milliseconds. @throws the signal's reason, not an `AbortError` around it */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}

/** `350 ms`, `2 s`, `1.5 s`, `3 min` */
export function formatMs(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Number((ms / 1000).toFixed(1))} s`;
  return `${Number((ms / 60_000).toFixed(1))} min`;
}

/** How long ago `time` (ms since the epoch) was. */
export function since(time: number, now: number): string {
  const ms = Math.max(0, now - time);
  if (ms < 120_000) return formatMs(Math.round(ms / 1000) * 1000 || ms);
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}
