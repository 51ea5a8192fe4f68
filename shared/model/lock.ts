import * as z from "zod";

/** A lock as people see it. Tokens never leave the daemon. */
export const LockView = z.object({
  key: z.string(),
  /** Who holds it, in words: machine, daemon pid and purpose. */
  owner: z.string(),
  /** Grows with every grant of this key, also across a store restart. */
  fence: z.number(),
  heldMs: z.number(),
  /** Time until it expires unless renewed, in milliseconds. */
  ttlMs: z.number(),
  waiters: z.int(),
});
export type LockView = z.infer<typeof LockView>;
