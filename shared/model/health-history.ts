import * as z from "zod";
import { HealthComponentName, HealthStatus } from "./health.ts";

/** How a component was: at one moment, or over one hour of an older day. */
export const HealthSample = z.object({
  component: HealthComponentName,
  /** When it was looked at, or when the hour began, in milliseconds since the epoch. */
  time: z.number(),
  /** Length of what is summed up here, in milliseconds; 0 for one look. */
  spanMs: z.number(),
  /** How many looks this stands for. */
  looks: z.int().positive(),
  /** The worst of them. */
  status: HealthStatus,
  /** The summary that went with the worst; empty where all was well. */
  summary: z.string(),
  /** How long a look took, in milliseconds, on average and at most. */
  latencyMs: z.object({ average: z.number(), max: z.number() }),
  /** What was measured, on average. */
  values: z.record(z.string(), z.number()),
});
export type HealthSample = z.infer<typeof HealthSample>;

/** A page of the history, oldest first. `next` is the cursor for what follows, null at the end. */
export const HealthHistoryPage = z.object({
  samples: z.array(HealthSample),
  next: z.string().nullable(),
});
export type HealthHistoryPage = z.infer<typeof HealthHistoryPage>;
