import { type Clock, systemClock } from "../../shared/base/clock.ts";
import type { Disposable } from "../../shared/base/disposable.ts";

/** A clock that also rings. */
export interface Timing extends Clock {
  /** Runs `work` once after so many milliseconds; doesn't keep the process alive. */
  after(ms: number, work: () => void): Disposable;
}

export const systemTiming: Timing = {
  ...systemClock,
  after: (ms, work) => {
    const timer = setTimeout(work, ms);
    timer.unref();
    return { dispose: () => clearTimeout(timer) };
  },
};
