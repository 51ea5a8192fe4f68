import * as vscode from "vscode";
import { urlOf } from "../state/servers.ts";
import type { Services } from "./services.ts";
import { chooseServer } from "./targets.ts";

const readyOnly = {
  fits: (server: Parameters<typeof urlOf>[0]) => urlOf(server) !== undefined,
  nothing: "No server of this workspace is ready.",
};

/** Opens a ready server in the user's browser, through the editor's port forwarding where it runs remotely. */
export async function openInBrowser(argument: unknown, services: Services): Promise<void> {
  const server = await chooseServer(argument, { question: "Open which server?", ...readyOnly }, services);
  const url = server && urlOf(server);
  if (url !== undefined) await openUrl(url);
}

/** Copies the URL under which the user's browser reaches a ready server. */
export async function copyUrl(argument: unknown, services: Services): Promise<void> {
  const server = await chooseServer(argument, { question: "Copy which URL?", ...readyOnly }, services);
  const url = server && urlOf(server);
  if (url === undefined) return;
  const reachable = await vscode.env.asExternalUri(vscode.Uri.parse(url));
  await vscode.env.clipboard.writeText(reachable.toString(true));
  vscode.window.setStatusBarMessage(`Copied ${reachable.toString(true)}`, 3000);
}

/** @param url a server's own URL, e.g. `http://localhost:3000` */
export async function openUrl(url: string): Promise<void> {
  // A record that others can write to must not open another program.
  if (!/^https?:\/\//i.test(url)) return;
  await vscode.env.openExternal(await vscode.env.asExternalUri(vscode.Uri.parse(url)));
}
