import * as vscode from "vscode";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { toolNames } from "../contributions/agents.ts";
import type { AgentParts } from "./editor-tool.ts";

/**
 * Offers Devlatch's tools to the agents of this window. They are loaded when one is called. An editor without such an
 * interface offers none.
 */
export function registerAgentTools(parts: AgentParts): Disposable {
  const scope = new Scope();
  if (typeof vscode.lm?.registerTool !== "function") return scope;
  let loaded: Promise<(name: string) => vscode.LanguageModelTool<object>> | undefined;
  const load = async () => {
    const { editorTools } = await import("./editor-tool.ts");
    return editorTools(parts);
  };
  const tool = async (name: string) => {
    loaded ??= load();
    return (await loaded)(name);
  };
  for (const name of toolNames) {
    const late: vscode.LanguageModelTool<object> = {
      prepareInvocation: async (options, token) => (await tool(name)).prepareInvocation?.(options, token),
      invoke: async (options, token) => (await tool(name)).invoke(options, token),
    };
    scope.add(vscode.lm.registerTool(name, late));
  }
  return scope;
}
