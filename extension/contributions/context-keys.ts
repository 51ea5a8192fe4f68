/** Context keys the manifest's `when` and `enablement` clauses use. */
export const contextKeys = {
  /** Whether the daemon is reached. */
  connected: "devlatch.connected",
  /** `connecting`, `connected` or `disconnected`. */
  link: "devlatch.link",
  /** Whether the Servers view has anything to show. */
  hasServers: "devlatch.hasServers",
} as const;

export type ContextKey = keyof typeof contextKeys;
