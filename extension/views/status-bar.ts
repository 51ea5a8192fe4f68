import * as vscode from "vscode";
import { type Disposable, every, Scope } from "../../shared/base/disposable.ts";
import { commands } from "../contributions/commands.ts";
import { editorSettings } from "../contributions/editor-settings.ts";
import { settingsSection } from "../contributions/settings.ts";
import type { StateRepository } from "../state/repository.ts";
import { countsSeconds, type StatusItem, statusItems } from "../state/status-items.ts";
import type { LocalTime } from "../state/words.ts";
import { Clicks } from "./clicks.ts";

/** Left of most other items, in the order of the apps. */
const firstPriority = 90;

const backgrounds: Readonly<Record<StatusItem["mood"], vscode.ThemeColor | undefined>> = {
  usual: undefined,
  warning: new vscode.ThemeColor("statusBarItem.warningBackground"),
  problem: new vscode.ThemeColor("statusBarItem.errorBackground"),
};

/** An item for each server of the workspace; ticks only while one starts. */
export class StatusBar extends Scope {
  readonly #state: StateRepository;
  readonly #clock: LocalTime;
  readonly #clicks = this.add(new Clicks("status"));
  readonly #items = new Map<string, vscode.StatusBarItem>();
  #shown: readonly StatusItem[] = [];
  #ticking: Disposable | undefined;

  constructor(state: StateRepository, clock: LocalTime) {
    super();
    this.#state = state;
    this.#clock = clock;
    this.add(state.onChanged(() => this.#render()));
    this.add(
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(settingsSection)) this.#render();
      }),
    );
    this.defer(() => this.#ticking?.dispose());
    this.defer(() => {
      for (const item of this.#items.values()) item.dispose();
    });
    this.#render();
  }

  /** What is shown now. */
  get shown(): readonly StatusItem[] {
    return this.#shown;
  }

  #render(): void {
    const state = this.#state.current;
    // A reconnect takes milliseconds as a rule; what was shown stays until it is known to have failed.
    if (state.link.kind === "connecting" && this.#shown.length > 0) return;
    this.#shown = statusItems(state, this.#clock, editorSettings().statusBarApps);
    for (const [id, item] of this.#items) if (!this.#shown.some((one) => one.id === id)) item.hide();
    for (const [index, item] of this.#shown.entries()) this.#show(item, firstPriority - index);
    this.#tickIf(countsSeconds(state));
  }

  #show(item: StatusItem, priority: number): void {
    const shown = this.#items.get(item.id) ?? this.#create(item.id, priority);
    const { id, title } = commands[item.command];
    const argument = item.target ? [item.target] : [];
    const run = () => vscode.commands.executeCommand(id, ...argument);
    shown.text = item.text;
    shown.tooltip = tooltipOf(item);
    shown.command = { command: this.#clicks.commandOf(`${id} ${item.id}`, run), title };
    shown.accessibilityInformation = { label: item.label, role: "button" };
    shown.backgroundColor = backgrounds[item.mood];
    shown.show();
  }

  #create(id: string, priority: number): vscode.StatusBarItem {
    const item = vscode.window.createStatusBarItem(
      `devlatch.${id}`,
      vscode.StatusBarAlignment.Left,
      priority,
    );
    item.name = `Devlatch: ${id}`;
    this.#items.set(id, item);
    return item;
  }

  #tickIf(counting: boolean): void {
    if (counting) this.#ticking ??= every(1000, () => this.#render());
    else {
      this.#ticking?.dispose();
      this.#ticking = undefined;
    }
  }
}

function tooltipOf({ tooltip, links }: StatusItem): vscode.MarkdownString {
  const text = new vscode.MarkdownString(tooltip, true);
  text.isTrusted = links.length > 0 && { enabledCommands: links };
  return text;
}
