import * as z from "zod";
import { AppName } from "./app.ts";

/** A server that could be stopped to make room for another: an agent had it started, and it is unused. */
export const UnusedServer = z.object({
  app: AppName,
  session: z.string(),
  /** Where `stop` means it. */
  root: z.string(),
  /** What its processes use, in bytes. */
  memoryBytes: z.number(),
  /** How long it has been unused, in milliseconds. */
  unusedMs: z.number(),
  /** Who had it started, in words. */
  startedBy: z.string(),
});
export type UnusedServer = z.infer<typeof UnusedServer>;

/** What `OVER_BUDGET` tells programs. */
export const OverBudget = z.object({
  /** What all servers of this machine use, in bytes. */
  usedBytes: z.number(),
  /** What they may use together, in bytes. */
  budgetBytes: z.number(),
  /** The one that has been unused for the longest time. */
  unused: UnusedServer,
});
export type OverBudget = z.infer<typeof OverBudget>;
