import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Disposable } from "../../../shared/base/disposable.ts";

/** How often a timer is looked at, in milliseconds: each look wakes a daemon that has nothing else to do. */
const lookMs = 1_000;

/** How late timers fire in this process. */
export interface LoopDelay extends Disposable {
  /** On average since this was asked last, in milliseconds. */
  take(): number;
}

export function measureLoopDelay(): LoopDelay {
  const loop = monitorEventLoopDelay({ resolution: lookMs });
  loop.enable();
  // Not reset: the first look after that wouldn't be counted.
  let before = { count: 0, sumMs: 0 };
  return {
    take: () => {
      const { count } = loop;
      // Not a number until the first look.
      const sumMs = count === 0 ? 0 : (loop.mean / 1e6) * count;
      const looks = count - before.count;
      // What it counts are the times from look to look.
      const delayMs = looks === 0 ? 0 : (sumMs - before.sumMs) / looks - lookMs;
      before = { count, sumMs };
      return Math.max(0, delayMs);
    },
    dispose: () => void loop.disable(),
  };
}
