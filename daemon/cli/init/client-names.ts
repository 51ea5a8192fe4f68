/** The agents that are known by name. */
export const clientNames = ["claude", "cursor", "vscode", "codex", "gemini"] as const;
export type ClientName = (typeof clientNames)[number];
