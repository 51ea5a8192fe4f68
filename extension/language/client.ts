import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
} from "vscode-languageclient";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { Link, LiveClient } from "../../shared/client/live-client.ts";
import { Tunnel } from "../../shared/rpc/tunnel.ts";
import { documentSelector } from "./selector.ts";

const name = "Devlatch Language Features";

/**
 * A language client for as long as the daemon is reached, a new one after every reconnect: the server's state went
 * with the connection, and a client counts how often it was restarted.
 */
export class LanguageFeatures extends Scope {
  readonly #connection: LiveClient;
  readonly #output = this.add(vscode.window.createOutputChannel(name, { log: true }));
  #running: Disposable | undefined;

  constructor(connection: LiveClient) {
    super();
    this.#connection = connection;
    this.defer(() => this.#running?.dispose());
    this.add(connection.onLinkChanged((link) => this.#follow(link)));
    this.#follow(connection.link);
  }

  #follow(link: Link): void {
    this.#running?.dispose();
    this.#running = link.kind === "connected" ? run(this.#connection, this.#output) : undefined;
  }
}

/** Runs a client over this connection; it ends without a word to the server, which ends with the connection. */
function run(connection: LiveClient, output: vscode.LogOutputChannel): Disposable {
  const scope = new Scope();
  const tunnel = new Tunnel((message) => {
    // Fails when the connection has just been lost; then the link's change ends this tunnel.
    connection.notify("language/message", { message }).catch(() => {});
  });
  scope.add(connection.onNotification("language/message", ({ message }) => tunnel.receive(message)));
  scope.add(tunnel);
  const client = new QuietClient("devlatch", name, async () => tunnel, optionsWith(output));
  client.start().catch((error: unknown) => output.debug(`Not started: ${error}`));
  return scope;
}

function optionsWith(output: vscode.LogOutputChannel): LanguageClientOptions {
  return {
    documentSelector,
    outputChannel: output,
    diagnosticCollectionName: "devlatch",
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => ({
        action: CloseAction.DoNotRestart,
        message: "The connection to the daemon ended.",
        handled: true,
      }),
    },
  };
}

/** Tells errors to its output channel only: that the daemon is gone is said in the status bar. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}
