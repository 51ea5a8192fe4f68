import "../zod-without-eval.ts";

import * as vscode from "vscode";
import { Belongings, type ToolCaller, type ToolSender } from "../../shared/agents/caller.ts";
import type { Tool } from "../../shared/agents/tool.ts";
import { tools } from "../../shared/agents/tools.ts";
import type { Disposable } from "../../shared/base/disposable.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { callerEnvironment } from "../commands/caller-environment.ts";
import { ask } from "../commands/say.ts";
import type { WindowState } from "../state/window-state.ts";
import { prepared } from "./prepared.ts";

/** What the window's agents work with. */
export interface AgentParts {
  /** Sends for the agents of this window: to the daemon they are users of their own. */
  readonly sender: ToolSender;
  /** What agents of this editor are called. */
  readonly name: string;
  readonly state: () => WindowState;
}

/** Devlatch's tools as the editor calls them, by their names. What agents of the window started belongs to all of them. */
export function editorTools(parts: AgentParts): (name: string) => vscode.LanguageModelTool<object> {
  const belongings = new Belongings();
  const made = new Map(tools.map((tool) => [tool.name, new EditorTool(tool, parts, belongings)]));
  return (name) => {
    const tool = made.get(name);
    if (tool === undefined) throw new DevlatchError("INTERNAL", `There is no tool ${name}.`, "");
    return tool;
  };
}

class EditorTool implements vscode.LanguageModelTool<object> {
  readonly #tool: Tool;
  readonly #parts: AgentParts;
  readonly #belongings: Belongings;

  constructor(tool: Tool, parts: AgentParts, belongings: Belongings) {
    this.#tool = tool;
    this.#parts = parts;
    this.#belongings = belongings;
  }

  prepareInvocation({
    input,
  }: vscode.LanguageModelToolInvocationPrepareOptions<object>): vscode.PreparedToolInvocation {
    return prepared(this.#tool, input, this.#parts.state());
  }

  async invoke(
    { input }: vscode.LanguageModelToolInvocationOptions<object>,
    token: vscode.CancellationToken,
  ): Promise<vscode.LanguageModelToolResult> {
    const { signal, dispose } = signalOf(token);
    try {
      const { text } = await this.#tool.call(input, this.#caller(signal));
      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
    } finally {
      dispose();
    }
  }

  #caller(signal: AbortSignal): ToolCaller {
    const { name, sender, state } = this.#parts;
    return {
      ...{ name, sender, signal, belongings: this.#belongings },
      workspaces: { roots: state().folders.map(({ path }) => path), bounded: true },
      env: callerEnvironment(process.env),
      // The editor shows that a tool runs, and no more.
      progress: () => {},
      // What the editor let pass before (or always) is no consent to what others lose by it.
      consent: async ({ message, agree }) => (await ask("warning", message, "", agree)) === agree,
    };
  }
}

function signalOf(token: vscode.CancellationToken): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const cancelled = new DevlatchError("CANCELLED", "The agent's call was cancelled.", "Nothing to do.");
  const listening = token.onCancellationRequested(() => controller.abort(cancelled));
  if (token.isCancellationRequested) controller.abort(cancelled);
  return { signal: controller.signal, dispose: () => listening.dispose() };
}
