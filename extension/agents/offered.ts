/** `tools`: the editor's own; `server`: the MCP server; `none`: the project's file names that already, or a person wants none. */
export type Offer = "tools" | "server" | "none";

/**
 * What agents are offered, so that the same tool is never there twice.
 * @param wanted the setting `devlatch.agentTools`
 * @param given whether a file of the project starts the MCP server; whether the editor has an interface for tools
 */
export function offerOf(
  wanted: "tools" | "server" | "off",
  given: { readonly isNamed: boolean; readonly hasTools: boolean },
): Offer {
  if (wanted === "off" || given.isNamed) return "none";
  return wanted === "tools" && given.hasTools ? "tools" : "server";
}
