import { parse } from "jsonc-parser";

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

/** Whether a file of MCP servers (`.vscode/mcp.json`) starts `devlatch mcp`. @param text JSON with comments */
export function startsDevlatch(text: string): boolean {
  const content: unknown = parse(text, [], { allowTrailingComma: true });
  const servers = fieldOf(content, "servers");
  if (typeof servers !== "object" || servers === null) return false;
  return Object.values(servers).some((server) => {
    const args = fieldOf(server, "args");
    const words = [fieldOf(server, "command"), ...(Array.isArray(args) ? args : [])].map(String);
    return words.includes("mcp") && words.some((word) => /(?:^|[/\\])devlatch(?:\.js|\.cmd)?$/.test(word));
  });
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
