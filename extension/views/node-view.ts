import * as vscode from "vscode";
import { Scope } from "../../shared/base/disposable.ts";
import { type ViewName, views } from "../contributions/views.ts";
import type { StateRepository } from "../state/repository.ts";
import type { WindowState } from "../state/window-state.ts";
import type { ViewNode } from "./server-nodes.ts";

/** Parts of a node that its row doesn't show. */
const unseen: ReadonlySet<string> = new Set(["tooltip", "accessibleName", "resources"]);

/** A tree view that renders rows made from the state. It knows nothing of the connection. */
export class NodeView extends Scope implements vscode.TreeDataProvider<ViewNode> {
  readonly #state: StateRepository;
  readonly #nodesOf: (state: WindowState) => readonly ViewNode[];
  readonly #changed = this.add(new vscode.EventEmitter<void>());
  readonly #tree: vscode.TreeView<ViewNode>;
  #rendered = "";

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(view: ViewName, state: StateRepository, nodesOf: (state: WindowState) => readonly ViewNode[]) {
    super();
    this.#state = state;
    this.#nodesOf = nodesOf;
    this.#tree = this.add(vscode.window.createTreeView(views[view], { treeDataProvider: this }));
    this.add(state.onChanged(() => this.refresh()));
  }

  /**
   * Renders again if a row would look different. Tooltips are made when they are asked for: figures in them change all
   * the time, and a row that is rendered anew under the pointer loses the click.
   */
  refresh(): void {
    const nodes = this.#nodesOf(this.#state.current);
    const rendered = JSON.stringify(nodes, (name, value) => (unseen.has(name) ? undefined : value));
    if (rendered === this.#rendered) return;
    this.#rendered = rendered;
    this.#changed.fire();
  }

  setBadge(value: number, tooltip: string): void {
    const badge = value > 0 ? { value, tooltip } : undefined;
    if (this.#tree.badge?.value !== badge?.value) this.#tree.badge = badge;
  }

  getChildren(node?: ViewNode): ViewNode[] {
    return [...(node ? (node.children ?? []) : this.#nodesOf(this.#state.current))];
  }

  resolveTreeItem(item: vscode.TreeItem, node: ViewNode): vscode.TreeItem {
    const { tooltip } = nodeWithId(this.#nodesOf(this.#state.current), node.id) ?? node;
    if (tooltip !== undefined) item.tooltip = new vscode.MarkdownString(tooltip);
    return item;
  }

  getTreeItem(node: ViewNode): vscode.TreeItem {
    const item = new vscode.TreeItem(node.label, collapsibleState(node));
    item.id = node.id;
    if (node.description !== undefined) item.description = node.description;
    if (node.accessibleName !== undefined) item.accessibilityInformation = { label: node.accessibleName };
    if (node.icon) item.iconPath = iconOf(node.icon);
    if (node.contextValue !== undefined) item.contextValue = node.contextValue;
    const command = commandOf(node);
    if (command) item.command = command;
    return item;
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

function commandOf(node: ViewNode): vscode.Command | undefined {
  if (node.command !== undefined) return { command: node.command, title: node.label, arguments: [node] };
  if (node.file !== undefined)
    return { command: "vscode.open", title: "Open", arguments: [vscode.Uri.file(node.file)] };
  return undefined;
}
