import { dirname } from "node:path";
import type { Message } from "vscode-jsonrpc/node";
import { CodeLensRefreshRequest, createConnection, TextDocumentSyncKind } from "vscode-languageserver";
import {
  type CodeLens,
  createProtocolConnection,
  type InitializeParams,
  type InitializeResult,
  type ProtocolConnection,
  TextDocuments,
} from "vscode-languageserver/node";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { Log } from "../../shared/base/log.ts";
import { version } from "../../shared/base/version.ts";
import { sessionOf } from "../../shared/model/keys.ts";
import type { SandboxId } from "../../shared/model/sandbox.ts";
import { Tunnel } from "../../shared/rpc/tunnel.ts";
import { codeLenses } from "./code-lens.ts";
import { diagnose } from "./diagnostics.ts";
import { documentsConfiguration, type OpenDocument } from "./documents.ts";
import type { SessionSource } from "./session-source.ts";

export interface LanguageServerOptions {
  readonly sessions: SessionSource;
  /** Lists directories of others whose configuration is believed. */
  readonly trustedFile: string;
  readonly log: Log;
  /** Carries a message to the client. */
  readonly send: (message: Message) => void;
  /** Called once the client has ended the conversation, by `exit`. */
  readonly onExit: () => void;
}

type LanguageConnection = ReturnType<typeof createConnection>;

/** The language server of one client. It reads files and sessions, and changes nothing. */
export class LanguageServer implements Disposable {
  readonly #options: LanguageServerOptions;
  readonly #scope = new Scope();
  readonly #tunnel: Tunnel;
  readonly #connection: LanguageConnection;
  readonly #documents = new TextDocuments(documentsConfiguration);
  /** Sandboxes whose sessions the client was shown. */
  readonly #shown = new Set<SandboxId>();
  #refreshes = false;
  #refresh: NodeJS.Immediate | undefined;

  constructor(options: LanguageServerOptions) {
    this.#options = options;
    this.#tunnel = new Tunnel(options.send);
    this.#connection = this.#connect();
    this.#connection.onInitialize((params) => this.#initialize(params));
    this.#connection.onCodeLens(({ textDocument }) => this.#lenses(textDocument.uri));
    this.#scope.add(this.#documents.listen(this.#connection));
    this.#scope.add(this.#documents.onDidChangeContent(({ document }) => void this.#diagnose(document)));
    this.#scope.add(this.#documents.onDidClose(({ document }) => this.#publish(document, [])));
    this.#scope.add(options.sessions.onChanged(({ key }) => this.#sessionChanged(key)));
    this.#scope.defer(() => clearImmediate(this.#refresh));
    this.#connection.listen();
  }

  /** Takes a message of the client. */
  receive(message: Message): void {
    this.#tunnel.receive(message);
  }

  dispose(): void {
    if (this.#scope.disposed) return;
    this.#scope.dispose();
    this.#tunnel.dispose();
  }

  /**
   * Not the library's own createConnection for Node: that one ends the process when a client says `exit`, or when the
   * client's process is gone.
   */
  #connect(): LanguageConnection {
    const connect = (logger: Parameters<typeof createProtocolConnection>[2]): ProtocolConnection => {
      const connection = createProtocolConnection(this.#tunnel.reader, this.#tunnel.writer, logger);
      connection.onError(([err]) => this.#options.log.debug({ err }, "language connection error"));
      connection.onClose(() => connection.dispose());
      return connection;
    };
    const exit = () => this.#options.onExit();
    return createConnection(connect, { shutdownReceived: false, initialize: () => {}, exit });
  }

  #initialize({ capabilities }: InitializeParams): InitializeResult {
    this.#refreshes = capabilities.workspace?.codeLens?.refreshSupport === true;
    return {
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Full },
        codeLensProvider: {},
      },
      serverInfo: { name: "Devlatch", version },
    };
  }

  async #lenses(uri: string): Promise<CodeLens[]> {
    const document = this.#documents.get(uri);
    if (document === undefined || document.kind === "other") return [];
    const { sessions, trustedFile } = this.#options;
    try {
      const sandboxId = await sessions.sandboxOf(dirname(document.file));
      this.#shown.add(sandboxId);
      const find = (app: string) => sessions.find(sandboxId, app);
      return [...(await codeLenses(document, find, trustedFile))];
    } catch (error) {
      this.#options.log.debug({ err: error, uri }, "no lenses");
      return [];
    }
  }

  async #diagnose(document: OpenDocument): Promise<void> {
    try {
      const diagnostics = await diagnose(document);
      // A later text has diagnostics of its own, and a closed file has none.
      if (this.#documents.get(document.uri) === document) this.#publish(document, diagnostics);
    } catch (error) {
      this.#options.log.debug({ err: error, uri: document.uri }, "no diagnostics");
    }
  }

  #publish({ uri, version, kind }: OpenDocument, diagnostics: Awaited<ReturnType<typeof diagnose>>): void {
    if (kind !== "config" || this.#scope.disposed) return;
    this.#connection.sendDiagnostics({ uri, version, diagnostics: [...diagnostics] }).catch(() => {});
  }

  #sessionChanged(key: string): void {
    if (!this.#refreshes || !this.#shown.has(sessionOf(key).sandboxId)) return;
    // Changes that come together ask for one refresh.
    this.#refresh ??= setImmediate(() => {
      this.#refresh = undefined;
      void this.#askForRefresh();
    });
  }

  async #askForRefresh(): Promise<void> {
    try {
      await this.#connection.sendRequest(CodeLensRefreshRequest.type);
    } catch (error) {
      this.#options.log.debug({ err: error }, "the client didn't refresh its lenses");
    }
  }
}
