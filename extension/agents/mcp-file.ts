import { parse } from "jsonc-parser";

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
