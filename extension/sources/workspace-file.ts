import * as vscode from "vscode";

/**
 * A file of the workspace: output is text from outside, and must not lead out of it.
 * @param path absolute
 * @returns undefined where there is no such file in any folder of the window
 */
export async function workspaceFile(path: string): Promise<vscode.Uri | undefined> {
  const uri = vscode.Uri.file(path);
  if (vscode.workspace.getWorkspaceFolder(uri) === undefined) return undefined;
  try {
    const { type } = await vscode.workspace.fs.stat(uri);
    return type & vscode.FileType.File ? uri : undefined;
  } catch {
    return undefined;
  }
}
