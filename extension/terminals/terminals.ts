import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { Scope } from "../../shared/base/disposable.ts";
import type { LiveClient } from "../../shared/client/live-client.ts";
import { commands } from "../contributions/commands.ts";
import type { StateRepository } from "../state/repository.ts";
import { currentServer, type Server } from "../state/servers.ts";
import type { WindowState } from "../state/window-state.ts";
import { SessionTerminal } from "./session-terminal.ts";

/** The window's session terminals: one per session, shown again instead of opened twice. */
export class Terminals extends Scope {
  readonly #connection: LiveClient;
  readonly #state: StateRepository;
  readonly #open = new Map<string, vscode.Terminal>();
  #byHand: ReadonlyMap<string, vscode.Terminal> = new Map();
  readonly #servers = new WeakMap<vscode.Terminal, Server>();

  constructor(connection: LiveClient, state: StateRepository) {
    super();
    this.#connection = connection;
    this.#state = state;
    this.add(vscode.window.onDidCloseTerminal((closed) => this.#forget(closed)));
    this.defer(() => {
      for (const terminal of this.#open.values()) terminal.dispose();
    });
  }

  /** Terminals in which servers were started by hand, by the servers' keys: they are shown for those. */
  lend(byHand: ReadonlyMap<string, vscode.Terminal>): void {
    this.#byHand = byHand;
  }

  /** Shows the session's terminal. @param server the one to show; it needn't run yet */
  show(server: Server): vscode.Terminal {
    const byHand = server.session?.hosting === "adopted" ? this.#byHand.get(server.key) : undefined;
    const terminal = byHand ?? this.open(server);
    terminal.show();
    return terminal;
  }

  /**
   * Opens the session's terminal, unless it is open, without bringing it to the front.
   * @param column of editors to open it in; the panel unless told
   */
  open(server: Server, column?: number): vscode.Terminal {
    return this.#open.get(server.key) ?? this.#create(server, column);
  }

  /** The server that a terminal shows; undefined for a terminal that isn't ours. */
  serverOf(terminal: vscode.Terminal): Server | undefined {
    const server = this.#servers.get(terminal);
    return server && (currentServer(this.#state.current, server.key) ?? server);
  }

  #create(server: Server, column?: number): vscode.Terminal {
    const terminal = vscode.window.createTerminal({
      name: terminalName(server, this.#state.current),
      pty: new SessionTerminal(server, this.#connection, this.#state, () => {
        void vscode.commands.executeCommand(commands.start.id, { server });
      }),
      iconPath: new vscode.ThemeIcon("server-process"),
      isTransient: true,
      ...(column === undefined ? {} : { location: { viewColumn: column, preserveFocus: true } }),
    });
    this.#open.set(server.key, terminal);
    this.#servers.set(terminal, server);
    return terminal;
  }

  #forget(closed: vscode.Terminal): void {
    for (const [key, terminal] of this.#open) if (terminal === closed) this.#open.delete(key);
  }
}

/** What a server's terminal is called. */
export function terminalName({ app, place }: Server, { folders }: WindowState): string {
  return folders.length > 1 ? `${app} (${place})` : t("{0} dev server", app);
}
