import * as vscode from "vscode";
import { Scope } from "../../shared/base/disposable.ts";
import { randomToken } from "../../shared/base/token.ts";
import { commands } from "../contributions/commands.ts";
import { views } from "../contributions/views.ts";
import { beginningOf } from "../state/beginning.ts";
import type { StateRepository } from "../state/repository.ts";
import type { Pressed } from "./begin-html.ts";

/**
 * What stands above the servers of a workspace in which none was started yet: large buttons. The editor shows it as the
 * context key `begins` says.
 */
export class BeginView extends Scope implements vscode.WebviewViewProvider {
  readonly #state: StateRepository;

  constructor(state: StateRepository) {
    super();
    this.#state = state;
    this.add(vscode.window.registerWebviewViewProvider(views.begin, this));
  }

  async resolveWebviewView({ webview, onDidDispose }: vscode.WebviewView): Promise<void> {
    const scope = new Scope();
    onDidDispose(() => scope.dispose());
    const { beginHtml } = await import("./begin-html.ts");
    if (scope.disposed) return;
    webview.options = { enableScripts: true, localResourceRoots: [] };
    let shown = "";
    const render = () => {
      const beginning = beginningOf(this.#state.current);
      const now = beginHtml(beginning, "");
      if (now === shown) return;
      shown = now;
      webview.html = beginHtml(beginning, randomToken());
    };
    render();
    scope.add(this.#state.onChanged(render));
    scope.add(webview.onDidReceiveMessage((pressed: Partial<Pressed>) => this.#press(pressed)));
  }

  /** Does what a button says, as the workspace is by now. */
  #press(pressed: Partial<Pressed>): void {
    const beginning = beginningOf(this.#state.current);
    if (beginning.kind === "trust") void vscode.commands.executeCommand(commands.trust.id);
    if (beginning.kind !== "start" || pressed.kind !== "start" || pressed.index === undefined) return;
    const server = beginning.servers[pressed.index];
    if (server) void vscode.commands.executeCommand(commands.start.id, { server });
  }
}
