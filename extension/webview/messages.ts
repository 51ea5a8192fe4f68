import * as z from "zod";
import type { DashboardData } from "./page-data.ts";

/** What the page tells the extension. */
export const FromPage = z.discriminatedUnion("kind", [
  /** It can be told what to show. */
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("span"), span: z.enum(["minutes", "day", "week"]) }),
  /** What it shows now, read back from the page itself. */
  z.object({ kind: z.literal("shown"), text: z.string().max(10_000), plots: z.int().nonnegative() }),
]);
export type FromPage = z.infer<typeof FromPage>;

/** What the extension tells the page. */
export interface ToPage {
  readonly kind: "data";
  readonly data: DashboardData;
}
