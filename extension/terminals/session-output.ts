import * as vscode from "vscode";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { DevlatchError, hasCode, toErrorShape } from "../../shared/base/errors.ts";
import type { LiveClient } from "../../shared/client/live-client.ts";
import { isLive } from "../../shared/model/session-state.ts";
import type { ThreadMessage } from "../../shared/model/thread.ts";
import type { StateRepository } from "../state/repository.ts";
import { currentServer, type Server } from "../state/servers.ts";

/** How much of the past is shown, in messages. */
const pageSize = 1000;
/** How long one request waits for new messages, in milliseconds. */
const waitMs = 30_000;

/** One session's output channel: the last page, then whatever follows while the session lives. */
export class SessionOutput implements Disposable {
  readonly #server: Server;
  readonly #connection: LiveClient;
  readonly #state: StateRepository;
  readonly #channel: vscode.OutputChannel;
  readonly #scope = new Scope();
  readonly #closed = new AbortController();
  #cursor: number | undefined;
  #following = false;

  constructor(server: Server, connection: LiveClient, state: StateRepository) {
    this.#server = server;
    this.#connection = connection;
    this.#state = state;
    this.#channel = this.#scope.add(
      vscode.window.createOutputChannel(`Devlatch: ${server.app} (${server.place})`),
    );
    this.#scope.add(
      state.onChanged(() => {
        if (this.#cursor !== undefined) void this.#follow();
      }),
    );
  }

  async show(): Promise<void> {
    if (!this.#following) await this.#read(0);
    this.#channel.show(true);
    void this.#follow();
  }

  dispose(): void {
    this.#closed.abort(new DevlatchError("CANCELLED", "The output was closed.", "Nothing to do."));
    this.#scope.dispose();
  }

  /** Reads on until the session is over or the daemon is away; a changed state starts it again. */
  async #follow(): Promise<void> {
    if (this.#following || !this.#canFollow()) return;
    this.#following = true;
    try {
      while (this.#canFollow()) await this.#read(waitMs);
      await this.#read(0);
    } catch (error) {
      if (!this.#closed.signal.aborted && !hasCode(error, "DAEMON_UNAVAILABLE")) {
        this.#channel.appendLine(`[${toErrorShape(error).message}]`);
      }
    } finally {
      this.#following = false;
    }
  }

  #canFollow(): boolean {
    const server = currentServer(this.#state.current, this.#server.key);
    const connected = this.#state.current.link.kind === "connected";
    return connected && server !== undefined && isLive(server.state) && !this.#closed.signal.aborted;
  }

  async #read(waitMs: number): Promise<void> {
    const { cwd, app } = this.#server;
    const cursor = this.#cursor === undefined ? {} : { cursor: this.#cursor };
    const params = { cwd, app, limit: pageSize, waitMs, ...cursor };
    const page = await this.#connection.request("session/logs", params, { signal: this.#closed.signal });
    this.#cursor = page.next;
    if (page.messages.length > 0) this.#channel.append(page.messages.map(lineOf).join(""));
  }
}

function lineOf({ kind, text, time }: ThreadMessage): string {
  return kind === "output" ? `${text}\n` : `── ${new Date(time).toLocaleTimeString()} ${text}\n`;
}
