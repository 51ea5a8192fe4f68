import { config } from "@vscode/l10n";
import * as vscode from "vscode";

/**
 * Gives the texts of this editor's language to `t`, which all texts that people see go through; without them they are
 * English. Once, before anything is shown.
 */
export function speakEditorLanguage(): void {
  config({ contents: vscode.l10n.bundle ?? {} });
}
