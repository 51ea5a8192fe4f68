import { pathToFileURL } from "node:url";
import {
  type CodeLens,
  createProtocolConnection,
  type InitializeResult,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
} from "vscode-languageserver/node";
import type { Connection } from "../../../shared/client/connection.ts";
import { Tunnel } from "../../../shared/rpc/tunnel.ts";
import type { Owner } from "../../support/owner.ts";
import { waitFor } from "../../support/wait.ts";

/** An editor's side of the language server, over a connection of ours. */
export interface Editor {
  readonly rpc: ProtocolConnection;
  /** Everything published, in order. */
  readonly published: readonly PublishDiagnosticsParams[];
  /** How often the server asked for a refresh of the lenses. */
  readonly refreshes: number;
  initialize(): Promise<InitializeResult>;
  open(file: string, text: string, version?: number): Promise<void>;
  change(file: string, text: string, version: number): Promise<void>;
  close(file: string): Promise<void>;
  lenses(file: string): Promise<CodeLens[]>;
  /** Titles of the lenses, in order. */
  titles(file: string): Promise<string[]>;
  /** The diagnostics of a file at one of its versions. */
  diagnosed(file: string, version: number): Promise<PublishDiagnosticsParams["diagnostics"]>;
}

function uriOf(file: string): string {
  return pathToFileURL(file).href;
}

export function openEditor(owner: Owner, connection: Connection): Editor {
  const tunnel = new Tunnel((message) => {
    connection.notify("language/message", { message }).catch(() => {});
  });
  connection.onNotification("language/message", ({ message }) => tunnel.receive(message));
  const rpc = createProtocolConnection(tunnel.reader, tunnel.writer);
  owner.after(() => {
    rpc.dispose();
    tunnel.dispose();
  });
  const published: PublishDiagnosticsParams[] = [];
  let refreshes = 0;
  rpc.onNotification("textDocument/publishDiagnostics", (params: PublishDiagnosticsParams) => {
    published.push(params);
  });
  rpc.onRequest("workspace/codeLens/refresh", () => {
    refreshes += 1;
    return null;
  });
  rpc.listen();
  const lenses = async (file: string) => {
    const found = await rpc.sendRequest("textDocument/codeLens", { textDocument: { uri: uriOf(file) } });
    return found as CodeLens[];
  };
  return {
    rpc,
    published,
    get refreshes() {
      return refreshes;
    },
    initialize: async () => {
      const capabilities = { workspace: { codeLens: { refreshSupport: true } } };
      const params = { processId: process.pid, rootUri: null, capabilities };
      const result = (await rpc.sendRequest("initialize", params)) as InitializeResult;
      await rpc.sendNotification("initialized", {});
      return result;
    },
    open: (file, text, version = 1) => {
      const textDocument = { uri: uriOf(file), languageId: "json", version, text };
      return rpc.sendNotification("textDocument/didOpen", { textDocument });
    },
    change: (file, text, version) => {
      const textDocument = { uri: uriOf(file), version };
      return rpc.sendNotification("textDocument/didChange", { textDocument, contentChanges: [{ text }] });
    },
    close: (file) => rpc.sendNotification("textDocument/didClose", { textDocument: { uri: uriOf(file) } }),
    lenses,
    titles: async (file) => (await lenses(file)).map(({ command }) => command?.title ?? ""),
    diagnosed: async (file, version) => {
      const found = await waitFor(
        `diagnostics of version ${version}`,
        () => published.findLast((one) => one.uri === uriOf(file) && one.version === version),
        { describe: () => JSON.stringify(published) },
      );
      return found.diagnostics;
    },
  };
}
