import * as vscode from "vscode";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import { editorBuiltIns } from "../contributions/commands.ts";
import { contextKeys } from "../contributions/context-keys.ts";
import { editorSettings } from "../contributions/editor-settings.ts";
import { settingsSection } from "../contributions/settings.ts";
import { type Offer, offerOf } from "./offered.ts";

/** A larger file than this isn't read, in bytes. */
const mostBytes = 1024 * 1024;
const serversFile = ".vscode/mcp.json";

/** How Devlatch offers itself to agents of this window: the same tool never twice. */
export class AgentOffer implements Disposable {
  readonly #scope = new Scope();
  readonly #changed = this.#scope.add(new Emitter<Offer>());
  #isNamed = false;
  #shown: Offer | undefined;

  /** Fires when something else is offered. */
  readonly onChanged = this.#changed.event;

  constructor() {
    const watcher = this.#scope.add(vscode.workspace.createFileSystemWatcher(`**/${serversFile}`));
    const look = () => void this.#look();
    for (const event of [watcher.onDidCreate, watcher.onDidChange, watcher.onDidDelete])
      this.#scope.add(event(look));
    this.#scope.add(vscode.workspace.onDidChangeWorkspaceFolders(look));
    this.#scope.add(
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(settingsSection)) this.#show();
      }),
    );
    this.#show();
    look();
  }

  now(): Offer {
    const { agentTools } = editorSettings();
    const hasTools = typeof vscode.lm?.registerTool === "function";
    return offerOf(agentTools, { isNamed: this.#isNamed, hasTools });
  }

  dispose(): void {
    this.#scope.dispose();
  }

  async #look(): Promise<void> {
    const folders = vscode.workspace.workspaceFolders ?? [];
    const named = await Promise.all(folders.map(({ uri }) => namesDevlatch(uri)));
    if (this.#scope.disposed) return;
    this.#isNamed = named.includes(true);
    this.#show();
  }

  #show(): void {
    const now = this.now();
    if (now === this.#shown) return;
    this.#shown = now;
    void vscode.commands.executeCommand(editorBuiltIns.setContext, contextKeys.agentTools, now === "tools");
    this.#changed.fire(now);
  }
}

/** Whether the folder's own file starts `devlatch mcp`. */
async function namesDevlatch(folder: vscode.Uri): Promise<boolean> {
  const file = vscode.Uri.joinPath(folder, serversFile);
  try {
    if ((await vscode.workspace.fs.stat(file)).size > mostBytes) return false;
    const text = Buffer.from(await vscode.workspace.fs.readFile(file)).toString();
    return (await import("./mcp-file.ts")).startsDevlatch(text);
  } catch {
    return false;
  }
}
