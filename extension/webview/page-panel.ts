import * as vscode from "vscode";
import { randomToken } from "../../shared/base/token.ts";
import { pageHtml } from "./html.ts";

/** One of our pages: its files' name below `dist`, and what the editor calls it. */
export interface PageKind {
  readonly name: "dashboard" | "phone";
  readonly title: string;
}

/** Opens a panel of the editor with a page of ours in it. @param files where the bundled pages are */
export function openPagePanel({ name, title }: PageKind, files: vscode.Uri): vscode.WebviewPanel {
  const panel = vscode.window.createWebviewPanel(`devlatch.${name}`, title, vscode.ViewColumn.Active, {
    enableScripts: true,
    localResourceRoots: [files],
  });
  const { webview } = panel;
  const at = (file: string) => webview.asWebviewUri(vscode.Uri.joinPath(files, file)).toString();
  const { bundle } = vscode.l10n;
  const spoken = { language: bundle ? vscode.env.language : "en", texts: bundle ?? {} };
  const parts = {
    script: at(`${name}.js`),
    style: at(`${name}.css`),
    origin: webview.cspSource,
    title,
    spoken,
  };
  webview.html = pageHtml(parts, randomToken());
  return panel;
}
