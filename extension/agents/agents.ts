import * as vscode from "vscode";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { DaemonLink } from "../../shared/client/daemon-link.ts";
import { agentNamed } from "../../shared/model/agents.ts";
import type { AgentReach } from "../connection/open-connection.ts";
import type { StateRepository } from "../state/repository.ts";
import { AgentOffer } from "./offer.ts";
import { registerAgentTools } from "./register.ts";
import { offerServer } from "./server-definition.ts";

/** What agents of this window need. */
export interface WindowAgents {
  readonly state: StateRepository;
  /** How they reach the daemon, as users of their own. */
  readonly reach: (name: string) => AgentReach;
  /** Absolute path of the command line. */
  readonly program: string;
}

/** Agents of this window find the one server by themselves: by tools of the editor, or by an MCP server, never by both. */
export function serveWindowAgents({ state, reach, program }: WindowAgents): Disposable {
  const scope = new Scope();
  const name = agentNameOf(vscode.env.appName);
  const ways = reach(name);
  const open = () =>
    new DaemonLink({
      ensure: (signal) => ways.open(signal, true),
      connect: (signal) => ways.open(signal, false),
    });
  let link = open();
  scope.defer(() => link.dispose());
  scope.add(
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      link.dispose();
      link = open();
    }),
  );
  const sender: Pick<DaemonLink, "request" | "onNotification"> = {
    request: (...asked) => link.request(...asked),
    onNotification: (...asked) => link.onNotification(...asked),
  };
  scope.add(registerAgentTools({ sender, name, state: () => state.current }));
  scope.add(offerServer(program, scope.add(new AgentOffer())));
  return scope;
}

/** Who works in this editor on a person's behalf: VS Code's own agent, else the editor that is one. */
function agentNameOf(editor: string): string {
  return /^(?:Visual Studio Code|Code\b|VSCodium)/.test(editor) ? "Copilot" : (agentNamed(editor) ?? editor);
}
