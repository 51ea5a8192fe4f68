import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { DevlatchError } from "../../shared/base/errors.ts";
import { addApp } from "./add-app.ts";
import type { Services } from "./services.ts";
import { newAppOf, serverOfRow } from "./targets.ts";

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
 * @param argument a row, or an app to be set up, see {@link addApp}
 */
export async function openConfig(argument: unknown, services: Services): Promise<void> {
  if (newAppOf(argument) !== undefined) return addApp(argument, services);
  const chosen = serverOfRow(argument)?.session?.root ?? (await chooseRoot(services));
  if (chosen === undefined) return;
  const file = vscode.Uri.joinPath(vscode.Uri.file(chosen), "devlatch.json");
  await vscode.window.showTextDocument(await openOrDraft(file));
}

/** An unsaved draft, so that nothing is written unless the user saves it. */
async function openOrDraft(file: vscode.Uri): Promise<vscode.TextDocument> {
  try {
    return await vscode.workspace.openTextDocument(file);
  } catch {
    const document = await vscode.workspace.openTextDocument(file.with({ scheme: "untitled" }));
    if (document.getText() === "") {
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, new vscode.Position(0, 0), template);
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
    throw new DevlatchError(
      "INVALID_INPUT",
      t("No folder is open."),
      t("Open the folder of a project first."),
    );
  }
  if (roots.size === 1) return [...roots.keys()][0];
  const items = [...roots].map(([root, label]) => ({ label, description: root, root }));
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: t("devlatch.json of which folder?"),
  });
  return picked?.root;
}
