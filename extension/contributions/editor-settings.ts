import * as vscode from "vscode";
import { readSettings, type Settings, settingsSection } from "./settings.ts";

/** The settings as the user has them now. */
export function editorSettings(): Settings {
  const section = vscode.workspace.getConfiguration(settingsSection);
  return readSettings((name) =>
    name === "onReady" && !isSet(section, name) ? undefined : section.get(name),
  );
}

function isSet(section: vscode.WorkspaceConfiguration, name: string): boolean {
  const found = section.inspect(name);
  return [found?.globalValue, found?.workspaceValue, found?.workspaceFolderValue].some(
    (value) => value !== undefined,
  );
}
