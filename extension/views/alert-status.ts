import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { focusCommand } from "../contributions/views.ts";
import { alertItem } from "../state/alert-item.ts";
import type { StateRepository } from "../state/repository.ts";

/** Right of the apps. */
const priority = 80;

/** An item of the status bar while something is wrong. */
export function showAlertsInStatusBar(state: StateRepository): Disposable {
  const scope = new Scope();
  const item = scope.add(
    vscode.window.createStatusBarItem("devlatch.alerts", vscode.StatusBarAlignment.Left, priority),
  );
  item.name = t("Devlatch: alerts");
  const render = () => {
    const shown = alertItem(state.current);
    if (!shown) return item.hide();
    item.text = shown.text;
    item.command = focusCommand(shown.view);
    item.tooltip = new vscode.MarkdownString(shown.tooltip);
    item.backgroundColor = new vscode.ThemeColor(
      shown.isCritical ? "statusBarItem.errorBackground" : "statusBarItem.warningBackground",
    );
    item.show();
  };
  scope.add(state.onChanged(render));
  render();
  return scope;
}
