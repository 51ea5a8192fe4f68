import type { Api } from "./api.ts";

/** How the calling end takes what the serving end says. */
export type Contract<A extends Api> =
  /** Everything is checked against the tables. */
  | { readonly kind: "checked"; readonly api: A }
  /**
   * It is taken as it comes: the serving end has proved itself and is of this very build, so that it has checked its
   * answers against the same tables already. Building those costs more than most answers; they are loaded where an answer
   * is late, for its deadline.
   */
  | { readonly kind: "believed"; readonly load: () => Promise<A> };
