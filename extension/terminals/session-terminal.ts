import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { DevlatchError, toErrorShape } from "../../shared/base/errors.ts";
import { Attachment, type TerminalClosed } from "../../shared/client/attachment.ts";
import type { LiveClient } from "../../shared/client/live-client.ts";
import type { Exit } from "../../shared/model/exit.ts";
import { isInterrupted, isLive } from "../../shared/model/session-state.ts";
import type { StateRepository } from "../state/repository.ts";
import { currentServer, type Server } from "../state/servers.ts";
import { editorRemedy, spoken } from "../state/state-line.ts";

/** Size before the editor says the real one. */
const unknownSize = { columns: 80, rows: 24 };
/** ECMA-48: faint text, and back. */
const faint = (text: string) => `\u001B[2m${text.replaceAll("\n", "\r\n")}\u001B[0m`;
/** ECMA-48 RIS: forget everything shown; the scrollback is written anew after attaching again. */
const clear = "\u001Bc";

/**
 * A session's terminal in the editor. It attaches when the session lives, again after the daemon was away, and
 * again when the session is started anew; closing it leaves the server running.
 */
export class SessionTerminal implements vscode.Pseudoterminal, Disposable {
  readonly #server: Server;
  readonly #connection: LiveClient;
  readonly #state: StateRepository;
  readonly #scope = new Scope();
  readonly #written = this.#scope.add(new vscode.EventEmitter<string>());
  readonly #closed = new AbortController();
  #size = unknownSize;
  #attachment: Attachment | undefined;
  /** Launch and daemon the attachment belongs to; another pair means attaching again. */
  #attachedTo = "";
  #fresh = true;
  /** Whether the last launch is over, so that Enter means the next one. */
  #isOver = false;
  readonly #onStart: () => void;

  readonly onDidWrite = this.#written.event;

  /** @param onStart called where the user asks for the server to be started */
  constructor(server: Server, connection: LiveClient, state: StateRepository, onStart: () => void) {
    this.#onStart = onStart;
    this.#server = server;
    this.#connection = connection;
    this.#state = state;
  }

  open(size: vscode.TerminalDimensions | undefined): void {
    if (size) this.#size = size;
    this.#scope.add(this.#state.onChanged(() => this.#follow()));
    this.#follow();
    if (this.#attachedTo === "") this.#end(t("{0} isn't running.", this.#server.app));
  }

  setDimensions(size: vscode.TerminalDimensions): void {
    this.#size = size;
    this.#attachment?.resize(size.columns, size.rows);
  }

  handleInput(data: string): void {
    if (this.#isOver) {
      if (/[\r\n]/.test(data)) this.#onStart();
      return;
    }
    // A terminal that just ended says so itself; its last keystrokes have nowhere to go.
    this.#attachment?.input(data).catch(() => {});
  }

  close(): void {
    this.dispose();
  }

  dispose(): void {
    this.#closed.abort(new DevlatchError("CANCELLED", "The terminal was closed.", "Nothing to do."));
    this.#attachment?.dispose();
    this.#attachment = undefined;
    this.#scope.dispose();
  }

  /** Attaches if the session lives and this very launch isn't attached over this very connection yet. */
  #follow(): void {
    const { link } = this.#state.current;
    if (link.kind !== "connected") {
      this.#loseConnection();
      return;
    }
    const session = currentServer(this.#state.current, this.#server.key)?.session;
    if (!session || !isLive(session.state) || session.hosting === "none") return;
    // Its host isn't there yet; the next phase says when it is.
    if (session.state.kind === "starting" && session.state.phase === "launching") return;
    const launch = String(session.startedAt);
    if (launch === this.#attachedTo) return;
    this.#attachedTo = launch;
    this.#isOver = false;
    void this.#attach();
  }

  #loseConnection(): void {
    if (this.#attachedTo === "") return;
    this.#attachedTo = "";
    this.#attachment?.dispose();
    this.#attachment = undefined;
    this.#say(t("The daemon is away. The server runs on; the terminal comes back with the daemon."));
  }

  async #attach(): Promise<void> {
    this.#attachment?.dispose();
    const attachment = new Attachment(this.#connection, {
      onOutput: (text) => this.#written.fire(text),
      onClosed: (closed) => this.#closedBy(closed),
    });
    this.#attachment = attachment;
    if (!this.#fresh) this.#written.fire(clear);
    this.#fresh = false;
    try {
      const { columns, rows } = this.#size;
      const { cwd, app } = this.#server;
      await attachment.open({ cwd, app, columns, rows }, this.#closed.signal);
    } catch (error) {
      attachment.dispose();
      if (this.#closed.signal.aborted || attachment !== this.#attachment) return;
      const { message, remedy } = toErrorShape(error);
      this.#say(`${spoken(message)} ${editorRemedy(remedy)}`);
    }
  }

  /** A viewer that was too slow has lost its view only; else the launch is over. */
  #closedBy({ reason, cause, exit }: TerminalClosed): void {
    if (cause === "dropped") this.#say(reason);
    else this.#end(this.#wasWanted(exit) ? t("{0} was stopped.", this.#server.app) : reason);
  }

  /** Whether a person or Devlatch ended the launch: how its process ended then is no news. */
  #wasWanted(exit: Exit | undefined): boolean {
    const state = currentServer(this.#state.current, this.#server.key)?.session?.state;
    const isStop = state?.kind === "stopping" || (state?.kind === "stopped" && state.stoppedBy !== undefined);
    return isStop || (exit !== undefined && isInterrupted(exit));
  }

  #end(what: string): void {
    this.#isOver = true;
    this.#say(t("{0} Press Enter to start it again.", what));
  }

  #say(text: string): void {
    this.#written.fire(`\r\n${faint(text)}\r\n`);
  }
}
