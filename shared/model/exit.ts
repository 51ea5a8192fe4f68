// Session hosts load this: see `rpc/api.ts` of the two kinds of zod.
import * as z from "zod/mini";

/** How a process ended: with a code, or by a signal. */
export const Exit = z.object({ code: z.nullable(z.int()), signal: z.nullable(z.string()) });
export type Exit = z.infer<typeof Exit>;

/** `exited with code 1`, `ended by SIGKILL` */
export function describeExit({ code, signal }: Exit): string {
  if (signal !== null) return `ended by ${signal}`;
  return code === null ? "ended" : `exited with code ${code}`;
}
