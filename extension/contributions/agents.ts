import type { Tool } from "../../shared/agents/tool.ts";
import { contextKeys } from "./context-keys.ts";

/** What names the MCP server to agents that take no tools of the editor's. */
export const mcpProvider = { id: "devlatch.mcp", label: "Devlatch" } as const;

/** Words of a tool's name that people may use to refer to it: `#startServer`. */
const references = {
  devlatch_start: "startDevServer",
  devlatch_status: "devServers",
  devlatch_wait: "waitForBuild",
  devlatch_logs: "devServerOutput",
  devlatch_restart: "restartDevServer",
  devlatch_stop: "stopDevServer",
  devlatch_run: "runScriptOnce",
  devlatch_sandbox: "sandbox",
} as const;

/** Names of the tools, known before the tools themselves are loaded. */
export const toolNames = Object.keys(references) as readonly (keyof typeof references)[];

/** A tool as the manifest declares it (`contributes.languageModelTools`). */
export function declaredTool({ name, title, description, schema }: Tool): Readonly<Record<string, unknown>> {
  return {
    name,
    tags: ["devlatch"],
    toolReferenceName: (references as Readonly<Record<string, string>>)[name],
    displayName: title,
    modelDescription: description,
    userDescription: title,
    canBeReferencedInPrompt: true,
    icon: "extension/media/devlatch.svg",
    when: contextKeys.agentTools,
    inputSchema: schema,
  };
}
