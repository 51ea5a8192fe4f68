import * as z from "zod";
import type { PhoneData } from "./phone-data.ts";

/** What the phone's page tells the extension. */
export const FromPhonePage = z.discriminatedUnion("kind", [
  /** It can be told what to show. */
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("press"), key: z.enum(["reload", "menu"]) }),
  z.object({ kind: z.literal("start") }),
  /** Copies the address that it was told last. */
  z.object({ kind: z.literal("copy") }),
  /** What it shows now, read back from the page itself, and how many squares its code has at a side. */
  z.object({ kind: z.literal("shown"), text: z.string().max(5_000), squares: z.int().nonnegative() }),
]);
export type FromPhonePage = z.infer<typeof FromPhonePage>;

/** What the extension tells the phone's page. */
export interface ToPhonePage {
  readonly kind: "phone";
  readonly data: PhoneData;
}
