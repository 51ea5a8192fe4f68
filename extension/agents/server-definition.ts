import * as vscode from "vscode";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { version } from "../../shared/base/version.ts";
import { mcpProvider } from "../contributions/agents.ts";
import type { AgentOffer } from "./offer.ts";

/** Names the MCP server to agents that take no tools of the editor's. @param program absolute path of the command line */
export function offerServer(program: string, offer: Pick<AgentOffer, "now" | "onChanged">): Disposable {
  const scope = new Scope();
  if (typeof vscode.lm?.registerMcpServerDefinitionProvider !== "function") return scope;
  const changed = scope.add(new vscode.EventEmitter<void>());
  scope.add(offer.onChanged(() => changed.fire()));
  const definition = () =>
    new vscode.McpStdioServerDefinition(
      "Devlatch",
      process.execPath,
      [program, "mcp"],
      // The editor's own program is Node, then.
      { ELECTRON_RUN_AS_NODE: "1" },
      version,
    );
  scope.add(
    vscode.lm.registerMcpServerDefinitionProvider(mcpProvider.id, {
      onDidChangeMcpServerDefinitions: changed.event,
      provideMcpServerDefinitions: () => (offer.now() === "server" ? [definition()] : []),
    }),
  );
  return scope;
}
