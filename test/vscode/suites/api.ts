import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { DevlatchApi } from "../../../extension/extension.ts";
import type { Server } from "../../../extension/state/servers.ts";
import { serversOf } from "../../../extension/state/servers.ts";
import type { WindowState } from "../../../extension/state/window-state.ts";

/** The extension under development, activated. */
export async function devlatch(): Promise<DevlatchApi> {
  const extension = vscode.extensions.getExtension<DevlatchApi>("devlatch.devlatch");
  assert.ok(extension, "the extension isn't there");
  return extension.activate();
}

/** The only folder of the window. */
export function workspaceFolder(): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, "no folder is open");
  return folder.uri;
}

/** The app `web` of the window, as the state has it. */
export function webOf(state: WindowState): Server | undefined {
  return serversOf(state).find(({ app }) => app === "web");
}

/** Waits until the app `web` is in a state of this kind. */
export function untilWeb(
  { state }: DevlatchApi,
  kind: Server["state"]["kind"],
  signal: AbortSignal,
): Promise<WindowState> {
  return state.until((current) => webOf(current)?.state.kind === kind, signal);
}

/** Texts of the status bar's items. */
export function statusTexts({ statusBar }: DevlatchApi): string[] {
  return statusBar.shown.map(({ text }) => text);
}

/** Writes `devlatch.json` with one app, and waits until the window shows it. */
export async function configureWeb(
  { state }: DevlatchApi,
  web: { command: string; port: number },
  signal: AbortSignal,
): Promise<void> {
  const file = vscode.Uri.joinPath(workspaceFolder(), "devlatch.json");
  const text = `// written by a test\n${JSON.stringify({ apps: { web } }, null, 2)}\n`;
  await vscode.workspace.fs.writeFile(file, Buffer.from(text));
  await state.until((current) => {
    const summary = webOf(current)?.summary;
    return summary?.port === web.port && summary.command === web.command;
  }, signal);
}
