import * as vscode from "vscode";
import { Scope } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import type { WorkspaceSource } from "./repository.ts";
import type { Folder } from "./window-state.ts";

/** Files that decide which apps exist and how they start. */
const projectFiles =
  "**/{package.json,devlatch.json,pnpm-workspace.yaml,package-lock.json,pnpm-lock.yaml,yarn.lock,bun.lock,bun.lockb}";

/** The editor's workspace as the repository sees it. */
export class EditorWorkspace extends Scope implements WorkspaceSource {
  readonly #trustGranted = this.add(new Emitter<void>());
  readonly #foldersChanged = this.add(new Emitter<void>());
  readonly #projectFileChanged = this.add(new Emitter<void>());
  readonly onTrustGranted = this.#trustGranted.event;
  readonly onFoldersChanged = this.#foldersChanged.event;
  readonly onProjectFileChanged = this.#projectFileChanged.event;

  constructor() {
    super();
    this.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.#trustGranted.fire()));
    this.add(vscode.workspace.onDidChangeWorkspaceFolders(() => this.#foldersChanged.fire()));
    const watcher = this.add(vscode.workspace.createFileSystemWatcher(projectFiles));
    const changed = (uri: vscode.Uri) => {
      if (!uri.path.includes("/node_modules/")) this.#projectFileChanged.fire();
    };
    this.add(watcher.onDidCreate(changed));
    this.add(watcher.onDidChange(changed));
    this.add(watcher.onDidDelete(changed));
  }

  get trusted(): boolean {
    return vscode.workspace.isTrusted;
  }

  get folders(): readonly Folder[] {
    return (vscode.workspace.workspaceFolders ?? [])
      .filter(({ uri }) => uri.scheme === "file")
      .map(({ name, uri }) => ({ name, path: uri.fsPath }));
  }
}
