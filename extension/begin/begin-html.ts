import { t } from "@vscode/l10n";
import { plainText } from "../../shared/base/plain-text.ts";
import type { Beginning } from "../state/beginning.ts";
import { whatStarts } from "../views/found-nodes.ts";

/** What a button of the page stands for. */
export type Pressed = { readonly kind: "trust" } | { readonly kind: "start"; readonly index: number };

/**
 * The page of the view: a large button for each server, or one that leads to trust.
 * @param nonce random, for this page alone
 */
export function beginHtml(beginning: Beginning, nonce: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'">
<style nonce="${nonce}">${style}</style>
</head>
<body>${bodyOf(beginning)}<script nonce="${nonce}">${script}</script></body>
</html>`;
}

function bodyOf(beginning: Beginning): string {
  if (beginning.kind === "none") return "";
  const names = beginning.servers.map(({ app }) => app).join(", ");
  if (beginning.kind === "trust")
    return `${button({ kind: "trust" }, t("Trust This Workspace…"))}<p>${escaped(trustWords(names))}</p>`;
  return beginning.servers
    .map((server, index) =>
      button({ kind: "start", index }, t("Start {0} ({1})", server.app, whatStarts(server))),
    )
    .join("");
}

function trustWords(names: string): string {
  return t("A dev server runs code of this workspace. Once it is trusted, {0} can be started.", names);
}

function button(pressed: Pressed, text: string): string {
  return `<button data-pressed="${escaped(JSON.stringify(pressed))}">${escaped(text)}</button>`;
}

function escaped(text: string): string {
  return plainText(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

const style = `
body { padding: 8px 20px; color: var(--vscode-foreground); font-family: var(--vscode-font-family); }
button { display: block; box-sizing: border-box; width: 100%; margin: 0 0 8px; padding: 8px 12px; font: inherit;
  overflow-wrap: anywhere; cursor: pointer; border-radius: 4px;
  border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent));
  color: var(--vscode-button-foreground); background: var(--vscode-button-background); }
button:hover { background: var(--vscode-button-hoverBackground); }
button:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
p { margin: 0; }`;

const script = `
const editor = acquireVsCodeApi();
for (const button of document.querySelectorAll("button"))
  button.addEventListener("click", () => editor.postMessage(JSON.parse(button.dataset.pressed)));`;
