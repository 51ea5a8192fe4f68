import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Disposable } from "../../../shared/base/disposable.ts";

/** How often a timer is looked at, in milliseconds: each look wakes a daemon that has nothing else to do. */
const lookMs = 500;

/** How late timers fire in this process. */
export interface LoopDelay extends Disposable {
  /** On average since this was asked last, in milliseconds. */
  take(): number;
}

export function measureLoopDelay(): LoopDelay {
  const loop = monitorEventLoopDelay({ resolution: lookMs });
  loop.enable();
  return {
    take: () => {
      // What it counts are the times from look to look; not a number until the first.
      const delayMs = Math.max(0, loop.mean / 1e6 - lookMs) || 0;
      loop.reset();
      return delayMs;
    },
    dispose: () => void loop.disable(),
  };
}
