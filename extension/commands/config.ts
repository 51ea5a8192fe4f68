import * as vscode from "vscode";
import { DevlatchError } from "../../shared/base/errors.ts";
import type { Services } from "./services.ts";
import { type NewApp, newAppOf, serverOfRow } from "./targets.ts";

const template = `{
  // Apps that have a dev server here. Only "command" is needed.
  "apps": {
    "web": {
      "command": "npm run dev",
      "port": 3000
    }
  }
}
`;

/**
 * Opens the folder's `devlatch.json`; where there is none, a new one to fill in and save.
 * @param argument a row, or an app to be set up: it is written into the text, for the user to look at and save
 */
export async function openConfig(argument: unknown, services: Services): Promise<void> {
  const app = newAppOf(argument);
  const root = app ? await rootOf(app, services) : serverOfRow(argument)?.session?.root;
  const chosen = root ?? (await chooseRoot(services));
  if (chosen === undefined) return;
  const file = vscode.Uri.joinPath(vscode.Uri.file(chosen), "devlatch.json");
  const document = await openOrDraft(file, app ? "{}\n" : template);
  const editor = await vscode.window.showTextDocument(document);
  if (app) await writeInto(editor, app, chosen);
}

async function rootOf({ cwd }: NewApp, { connection }: Services): Promise<string> {
  return (await connection.request("sandbox/describe", { cwd })).root;
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

/** An unsaved draft, so that nothing is written unless the user saves it. */
async function openOrDraft(file: vscode.Uri, draft: string): Promise<vscode.TextDocument> {
  try {
    return await vscode.workspace.openTextDocument(file);
  } catch {
    const document = await vscode.workspace.openTextDocument(file.with({ scheme: "untitled" }));
    if (document.getText() === "") {
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, new vscode.Position(0, 0), draft);
      await vscode.workspace.applyEdit(edit);
    }
    return document;
  }
}

async function chooseRoot({ state }: Services): Promise<string | undefined> {
  const roots = new Map(
    state.current.folders.map(({ name, path, sandbox }) => [sandbox?.root ?? path, name]),
  );
  if (roots.size === 0) {
    throw new DevlatchError("INVALID_INPUT", "No folder is open.", "Open the folder of a project first.");
  }
  if (roots.size === 1) return [...roots.keys()][0];
  const items = [...roots].map(([root, label]) => ({ label, description: root, root }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: "devlatch.json of which folder?" });
  return picked?.root;
}
