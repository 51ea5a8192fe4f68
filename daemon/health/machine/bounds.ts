import type { Thresholds } from "../../../shared/model/health-thresholds.ts";

/** From where on a value counts, and below which it is over; between the two it stays what it was. */
export interface Bounds {
  readonly from: number;
  readonly until: number;
}

/** How far below a threshold a share must be to have recovered, in percent. */
export const marginPercent = 5;

/** How far below its threshold the delay of timers must be to have recovered, in milliseconds. */
export function loopMarginMs({ loopDelayMs }: Thresholds): number {
  return loopDelayMs.warning / 4;
}

/** From where on a busy CPU, as a share of 1, and late timers, in milliseconds, count if they last. */
export function boundsOf(thresholds: Thresholds): { readonly cpu: Bounds; readonly loopDelayMs: Bounds } {
  const { cpu, loopDelayMs } = thresholds;
  return {
    cpu: { from: cpu.warning / 100, until: (cpu.warning - marginPercent) / 100 },
    loopDelayMs: { from: loopDelayMs.warning, until: loopDelayMs.warning - loopMarginMs(thresholds) },
  };
}
