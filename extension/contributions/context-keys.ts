/** Context keys the manifest's `when` and `enablement` clauses use. */
export const contextKeys = {
  /** Whether the daemon is reached. */
  connected: "devlatch.connected",
  /** `connecting`, `connected` or `disconnected`. */
  link: "devlatch.link",
  /** Whether the daemon that runs is refused because its store isn't the one this window is set to. */
  storeDiffers: "devlatch.storeDiffers",
  /** Whether the Servers view has anything to show. */
  hasServers: "devlatch.hasServers",
  /** Whether no server was started here yet, so that the view with large buttons stands above. */
  begins: "devlatch.begins",
  /** Names of this workspace's apps. */
  apps: "devlatch.apps",
  /** Whether a server of this workspace runs or is about to. */
  hasActive: "devlatch.hasActive",
  /** Whether a server of this workspace is ready. */
  hasReady: "devlatch.hasReady",
  /** Whether an Expo server of this workspace is ready. */
  hasExpo: "devlatch.hasExpo",
  /** Whether agents are offered the editor's own tools. */
  agentTools: "devlatch.agentTools",
} as const;

/** Those that follow from what the window shows. */
export type StateKey = Exclude<keyof typeof contextKeys, "agentTools">;
