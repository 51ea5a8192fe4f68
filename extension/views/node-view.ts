import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { type Disposable, every, Scope } from "../../shared/base/disposable.ts";
import { type TreeName, views } from "../contributions/views.ts";
import type { StateRepository } from "../state/repository.ts";
import type { WindowState } from "../state/window-state.ts";
import { Clicks } from "./clicks.ts";
import { changedRows, renderingOf, spokenRow } from "./rendering.ts";
import type { ViewNode } from "./view-node.ts";

/** A tree view that renders rows made from the state. It knows nothing of the connection. */
export class NodeView extends Scope implements vscode.TreeDataProvider<ViewNode> {
  readonly #state: StateRepository;
  readonly #nodesOf: (state: WindowState) => readonly ViewNode[];
  readonly #changed = this.add(new vscode.EventEmitter<ViewNode | undefined>());
  readonly #tree: vscode.TreeView<ViewNode>;
  readonly #clicks: Clicks;
  /** What the editor was given last. */
  #given: readonly ViewNode[] = [];
  #rendering = renderingOf([]);
  #ticking: Disposable | undefined;

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(view: TreeName, state: StateRepository, nodesOf: (state: WindowState) => readonly ViewNode[]) {
    super();
    this.#state = state;
    this.#nodesOf = nodesOf;
    this.#clicks = this.add(new Clicks(view));
    this.#tree = this.add(vscode.window.createTreeView(views[view], { treeDataProvider: this }));
    this.add(state.onChanged(() => this.refresh()));
    this.defer(() => this.#ticking?.dispose());
  }

  /** Renders again and again while it is in sight and its rows change as time passes. @param everyMs milliseconds */
  tickWhile(counts: (state: WindowState) => boolean, everyMs = 1_000): void {
    const tick = () => {
      if (this.visible) this.refresh();
    };
    this.add(this.#tree.onDidChangeVisibility(tick));
    const look = (state: WindowState) => {
      if (counts(state)) this.#ticking ??= every(everyMs, tick);
      else {
        this.#ticking?.dispose();
        this.#ticking = undefined;
      }
    };
    this.add(this.#state.onChanged(look));
    look(this.#state.current);
  }

  /**
   * Renders again the rows that would look different, and no others: a list that is made anew flickers. Tooltips are made when they are asked for: figures in them change all
   * the time, and a row that is rendered anew under the pointer loses the click.
   */
  refresh(): void {
    const nodes = this.#nodesOf(this.#state.current);
    const rendering = renderingOf(nodes);
    const changed = changedRows(this.#rendering, rendering);
    this.#rendering = rendering;
    if (changed === "all") this.#changed.fire(undefined);
    else this.#renderAgain(changed);
  }

  #renderAgain(ids: readonly string[]): void {
    for (const id of ids) {
      const row = nodeWithId(this.#given, id);
      if (row) this.#changed.fire(row);
    }
  }

  /** Whether it is in sight. */
  get visible(): boolean {
    return this.#tree.visible;
  }

  setBadge(value: number, tooltip: string): void {
    const badge = value > 0 ? { value, tooltip } : undefined;
    if (this.#tree.badge?.value !== badge?.value) this.#tree.badge = badge;
  }

  getChildren(node?: ViewNode): ViewNode[] {
    if (node) return [...(node.children ?? [])];
    this.#given = this.#nodesOf(this.#state.current);
    return [...this.#given];
  }

  resolveTreeItem(item: vscode.TreeItem, node: ViewNode): vscode.TreeItem {
    const { tooltip } = nodeWithId(this.#nodesOf(this.#state.current), node.id) ?? node;
    if (tooltip !== undefined) item.tooltip = new vscode.MarkdownString(tooltip);
    return item;
  }

  /** @param given the row as the editor has it; it is shown as it is by now */
  getTreeItem(given: ViewNode): vscode.TreeItem {
    const node = nodeWithId(this.#nodesOf(this.#state.current), given.id) ?? given;
    const item = new vscode.TreeItem(node.label, collapsibleState(node));
    item.id = node.id;
    if (node.description !== undefined) item.description = node.description;
    item.accessibilityInformation = { label: spokenRow(node) };
    if (node.icon) item.iconPath = iconOf(node.icon);
    if (node.contextValue !== undefined) item.contextValue = node.contextValue;
    const command = node.command === undefined ? openingOf(node) : this.#clickOn(node, node.command);
    if (command) item.command = command;
    return item;
  }

  #clickOn(node: ViewNode, command: string): vscode.Command {
    const run = () => vscode.commands.executeCommand(command, node);
    return { command: this.#clicks.commandOf(`${command} ${node.id}`, run), title: node.label };
  }
}

function nodeWithId(nodes: readonly ViewNode[], id: string): ViewNode | undefined {
  for (const node of nodes) {
    const found = node.id === id ? node : nodeWithId(node.children ?? [], id);
    if (found) return found;
  }
  return undefined;
}

function collapsibleState(node: ViewNode): vscode.TreeItemCollapsibleState {
  if (!node.children) return vscode.TreeItemCollapsibleState.None;
  return node.collapsed
    ? vscode.TreeItemCollapsibleState.Collapsed
    : vscode.TreeItemCollapsibleState.Expanded;
}

function iconOf({ name, color }: { name: string; color?: string }): vscode.ThemeIcon {
  return new vscode.ThemeIcon(name, color === undefined ? undefined : new vscode.ThemeColor(color));
}

/** The editor's own command keeps its arguments. */
function openingOf(node: ViewNode): vscode.Command | undefined {
  if (node.file === undefined) return undefined;
  return {
    command: "vscode.open",
    title: t("Open"),
    arguments: [vscode.Uri.file(node.file), ...(node.line === undefined ? [] : [showing(node)])],
  };
}

/** Options of an editor that shows a row's place. */
function showing({ line = 1, column = 1 }: ViewNode): vscode.TextDocumentShowOptions {
  const at = new vscode.Position(line - 1, column - 1);
  return { selection: new vscode.Range(at, at) };
}
