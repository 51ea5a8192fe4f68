import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { DevlatchError } from "../../shared/base/errors.ts";
import type { Services } from "./services.ts";
import { type NewApp, newAppOf } from "./targets.ts";

/**
 * Writes an app into `devlatch.json`, which is made where there is none, and shows it there: it can be changed or undone. A
 * file with changes that the user hasn't saved is left for the user to save.
 * @param argument a row of the Servers view, or what a CodeLens gives
 * @throws DevlatchError `INVALID_INPUT` without an app; `CONFIG_INVALID` where the file has no room for one
 */
export async function addApp(argument: unknown, { connection }: Services): Promise<void> {
  const app = newAppOf(argument);
  if (app === undefined)
    throw new DevlatchError(
      "INVALID_INPUT",
      t("No app was given."),
      t("Use the button of a row that is not set up."),
    );
  const { root } = await connection.request("sandbox/describe", { cwd: app.cwd });
  const file = vscode.Uri.joinPath(vscode.Uri.file(root), "devlatch.json");
  const document = await openOrMake(file);
  const wasSaved = !document.isDirty;
  const editor = await vscode.window.showTextDocument(document);
  await writeInto(editor, app, root);
  if (wasSaved) await document.save();
}

async function openOrMake(file: vscode.Uri): Promise<vscode.TextDocument> {
  const isThere = await vscode.workspace.fs.stat(file).then(
    () => true,
    () => false,
  );
  if (!isThere) await vscode.workspace.fs.writeFile(file, Buffer.from("{}\n"));
  return vscode.workspace.openTextDocument(file);
}

async function writeInto(editor: vscode.TextEditor, app: NewApp, root: string): Promise<void> {
  const { document } = editor;
  const { textWithApp } = await import("./config-text.ts");
  const text = textWithApp(document.getText(), app, root);
  const whole = new vscode.Range(document.positionAt(0), document.positionAt(document.getText().length));
  await editor.edit((edit) => edit.replace(whole, text));
  const at = document.positionAt(Math.max(0, text.indexOf(JSON.stringify(app.app))));
  editor.selection = new vscode.Selection(at, at);
  editor.revealRange(new vscode.Range(at, at));
}
