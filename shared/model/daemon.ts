import * as z from "zod";

export const StoreView = z.object({ kind: z.enum(["sqlite", "redis"]), healthy: z.boolean() });

export const DaemonView = z.object({
  pid: z.int(),
  version: z.string(),
  uptimeMs: z.number(),
  store: StoreView,
  /** Directory of all state. */
  home: z.string(),
  logFile: z.string(),
});
export type DaemonView = z.infer<typeof DaemonView>;
