import * as vscode from "vscode";
import { editorBuiltIns } from "../contributions/commands.ts";
import { focusCommand } from "../contributions/views.ts";

let isWaiting = false;

/** Leads to where the editor asks whether the workspace is trusted; once it is, back to the servers. */
export async function trustWorkspace(): Promise<void> {
  if (vscode.workspace.isTrusted) return showServers();
  if (!isWaiting) {
    isWaiting = true;
    const granted = vscode.workspace.onDidGrantWorkspaceTrust(() => {
      granted.dispose();
      isWaiting = false;
      void closeQuestion().then(showServers);
    });
  }
  await vscode.commands.executeCommand(editorBuiltIns.manageTrust);
}

/** Newer editors ask in a window over all others, which would hide the servers; older ones have no such command. */
async function closeQuestion(): Promise<void> {
  await vscode.commands.executeCommand(editorBuiltIns.closeModalEditor).then(undefined, () => {});
}

async function showServers(): Promise<void> {
  await vscode.commands.executeCommand(focusCommand("servers"));
}
