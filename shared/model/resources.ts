import * as z from "zod";

/** What a process tree used at one moment. */
export const Resources = z.object({
  /** Milliseconds since the epoch. */
  time: z.number(),
  /** CPU time since the look before, 100 being one core all the time. */
  cpuPercent: z.number().nonnegative(),
  /** Memory that isn't shared with other processes, as far as the platform can tell it apart. */
  memoryBytes: z.number().nonnegative(),
  processes: z.int().nonnegative(),
});
export type Resources = z.infer<typeof Resources>;

const Spread = z.object({ average: z.number(), max: z.number() });
export type Spread = z.infer<typeof Spread>;

/** What was seen within one minute. */
export const ResourceMinute = z.object({
  /** When the minute began, in milliseconds since the epoch. */
  time: z.number(),
  cpuPercent: Spread,
  memoryBytes: Spread,
  processes: Spread,
});
export type ResourceMinute = z.infer<typeof ResourceMinute>;

/** What a session's processes used, oldest first, across its launches. */
export const ResourceHistory = z.object({
  /** The last ten minutes, every few seconds. */
  samples: z.array(Resources),
  /** The last day, the current minute included. */
  minutes: z.array(ResourceMinute),
});
export type ResourceHistory = z.infer<typeof ResourceHistory>;
