import type { DashboardData, Span } from "./page-data.ts";

/** What the page tells the extension. */
export type FromPage =
  /** It can be told what to show. */
  | { readonly kind: "ready" }
  | { readonly kind: "span"; readonly span: Span }
  /** What it shows now, read back from the page itself. */
  | { readonly kind: "shown"; readonly text: string; readonly plots: number };

/** What the extension tells the page. */
export interface ToPage {
  readonly kind: "data";
  readonly data: DashboardData;
}
