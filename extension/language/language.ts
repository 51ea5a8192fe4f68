import * as vscode from "vscode";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { LiveClient } from "../../shared/client/live-client.ts";
import { documentSelector } from "./selector.ts";

/**
 * CodeLens and diagnostics in `package.json` and `devlatch.json`, from the daemon. The language client is half of the
 * bundle: it is loaded when the first such file is open, not while the editor starts.
 */
export function registerLanguage(connection: LiveClient): Disposable {
  const scope = new Scope();
  let begun = false;
  const look = (document: vscode.TextDocument) => {
    if (begun || vscode.languages.match(documentSelector, document) === 0) return;
    begun = true;
    void begin(connection, scope);
  };
  scope.add(vscode.workspace.onDidOpenTextDocument(look));
  for (const document of vscode.workspace.textDocuments) look(document);
  return scope;
}

async function begin(connection: LiveClient, scope: Scope): Promise<void> {
  const { LanguageFeatures } = await import("./client.ts");
  if (!scope.disposed) scope.add(new LanguageFeatures(connection));
}
