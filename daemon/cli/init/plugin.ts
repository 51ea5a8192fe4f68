import { serverLaunch } from "./program.ts";
import { sealPlace } from "./sealed-file.ts";
import { skill } from "./texts.ts";

/** What the package says of itself. */
export interface PackageFacts {
  readonly name: string;
  /** Its name among MCP servers. */
  readonly mcpName: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly keywords: readonly string[];
}

const schemas = "https://agent-plugins.org/schemas/1.0.0";
const serverSchema = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json";

/**
 * The plugin for agents, from what `init` writes: skill, MCP server and guard. Files by their paths in it: of the open
 * standard (agent-plugins.org 1.0: `plugin.json`, `mcp.json`, `skills/`) and of Claude Code (`.claude-plugin/`, `.mcp.json`,
 * `hooks/`), which share the skill.
 */
export function pluginFiles(facts: PackageFacts): Readonly<Record<string, string>> {
  const { name, version, description, license, keywords } = facts;
  const about = { name, version, description, license, keywords };
  const { command, args } = serverLaunch("registry");
  const servers = (more: object) => ({ mcpServers: { [name]: { ...more, command, args } } });
  return {
    "plugin.json": json({ $schema: `${schemas}/plugin.schema.json`, ...about }),
    "mcp.json": json({ $schema: `${schemas}/mcp.schema.json`, ...servers({ type: "stdio" }) }),
    ".claude-plugin/plugin.json": json(about),
    ".mcp.json": json(servers({})),
    "hooks/hooks.json": json({ hooks: { PreToolUse: [{ matcher: "Bash", hooks: [guard] }] } }),
    [`skills/${name}/SKILL.md`]: skillAlone(),
  };
}

// Without `devlatch` on the PATH every command passes, without a word.
const guard = { type: "command", command: "devlatch guard 2>/dev/null || true" };

/** The MCP server as registries of servers have it (`server.json`). */
export function serverJson({ name, mcpName, version, description }: PackageFacts): string {
  return json({
    $schema: serverSchema,
    ...{ name: mcpName, title: "Devlatch", description, version },
    packages: [
      {
        ...{ registryType: "npm", identifier: name, version, runtimeHint: "npx" },
        transport: { type: "stdio" },
        packageArguments: [{ type: "positional", value: "mcp" }],
      },
    ],
  });
}

/** Without the seal by which `init` knows what it wrote. */
function skillAlone(): string {
  const lines = skill.split("\n");
  const at = lines.findIndex((line) => line.includes(sealPlace));
  return [...lines.slice(0, at - 1), ...lines.slice(at + 1)].join("\n");
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
