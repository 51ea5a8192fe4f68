/** Time, in milliseconds. */
export interface Clock {
  /** Only grows: windows, ages and deadlines are counted by it. */
  monotonic(): number;
  /** Since the epoch, for people. */
  epoch(): number;
}

export const systemClock: Clock = { monotonic: () => performance.now(), epoch: () => Date.now() };
