// Session hosts load this: see `rpc/api.ts` of the two kinds of zod.
import * as z from "zod/mini";

/**
 * A process that can be told from any later one with the same pid.
 * `startTime` is opaque and compared exactly (on Linux: boot id and start in clock ticks).
 */
export const ProcessIdentity = z.object({
  pid: z.int().check(z.positive()),
  startTime: z.string().check(z.minLength(1)),
});
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;
