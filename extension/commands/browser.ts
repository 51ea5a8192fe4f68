import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { editorBuiltIns } from "../contributions/commands.ts";
import { urlOf } from "../state/servers.ts";
import type { Services } from "./services.ts";
import { type Choice, chooseServer } from "./targets.ts";

/** Of several that are ready the user picks one. */
function readyOnly(question: string): Choice {
  const nothing = t("No server of this workspace is ready.");
  return { question, fits: (server) => urlOf(server) !== undefined, nothing };
}

/** Opens a ready server in the user's browser, through the editor's port forwarding where it runs remotely. */
export async function openInBrowser(argument: unknown, services: Services): Promise<void> {
  const server = await chooseServer(argument, readyOnly(t("Open which server?")), services);
  const url = server && urlOf(server);
  if (url !== undefined) await openUrl(url);
}

/** Opens a ready server in the editor's own browser. */
export async function openPreview(argument: unknown, services: Services): Promise<void> {
  const server = await chooseServer(argument, readyOnly(t("Preview which server?")), services);
  const url = server && urlOf(server);
  if (url !== undefined) await previewUrl(url);
}

/** Copies the URL under which the user's browser reaches a ready server. */
export async function copyUrl(argument: unknown, services: Services): Promise<void> {
  const server = await chooseServer(argument, readyOnly(t("Copy which URL?")), services);
  const url = server && urlOf(server);
  if (url === undefined) return;
  const reachable = await vscode.env.asExternalUri(vscode.Uri.parse(url));
  await vscode.env.clipboard.writeText(reachable.toString(true));
  vscode.window.setStatusBarMessage(t("Copied {0}", reachable.toString(true)), 3000);
}

/** Shows a server in the user's browser. @param url its own, e.g. `http://localhost:3000` */
export async function openUrl(url: string): Promise<void> {
  if (isOfTheWeb(url)) await vscode.env.openExternal(await vscode.env.asExternalUri(vscode.Uri.parse(url)));
}

/** Shows a server beside the code; in the user's browser where the editor has none of its own. @param url as above */
export async function previewUrl(url: string): Promise<void> {
  if (!isOfTheWeb(url)) return;
  const reachable = await vscode.env.asExternalUri(vscode.Uri.parse(url));
  try {
    await vscode.commands.executeCommand(editorBuiltIns.showInEditor, reachable.toString(true));
  } catch {
    await openUrl(url);
  }
}

/** A record that others can write to must not open another program. */
function isOfTheWeb(url: string): boolean {
  return /^https?:\/\//i.test(url);
}
