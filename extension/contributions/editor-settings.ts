import * as vscode from "vscode";
import { readSettings, type Settings, settingsSection } from "./settings.ts";

/** The settings as the user has them now. */
export function editorSettings(): Settings {
  const section = vscode.workspace.getConfiguration(settingsSection);
  return readSettings((name) => section.get(name));
}
