// Session hosts load this: see `rpc/api.ts` of the two kinds of zod.
import * as z from "zod/mini";

/**
 * Protocol versions this build speaks. A change that an older peer can't understand raises `max`;
 * `min` rises when support for the oldest ends.
 */
export const protocolRange = { min: 2, max: 2 } as const;

/** The first version whose proofs are bound to the connection. */
const boundSince = 2;

/** Whether an end that speaks these versions binds its proofs. One that doesn't is good for `daemon/stop` alone. */
export function bindsProofs({ max }: ProtocolRange): boolean {
  return max >= boundSince;
}

export const ProtocolRange = z.object({
  min: z.int().check(z.positive()),
  max: z.int().check(z.positive()),
});
export type ProtocolRange = z.infer<typeof ProtocolRange>;

/** The highest version both sides speak, or undefined. */
export function commonVersion(a: ProtocolRange, b: ProtocolRange): number | undefined {
  const version = Math.min(a.max, b.max);
  return version >= Math.max(a.min, b.min) ? version : undefined;
}
