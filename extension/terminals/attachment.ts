import { StringDecoder } from "node:string_decoder";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { Params, Result } from "../../shared/protocol/contract.ts";
import type { DaemonConnection } from "../connection/daemon-connection.ts";

type TerminalConnection = Pick<DaemonConnection, "request" | "onNotification">;

export interface AttachmentEvents {
  /** Text the session wrote, decoded. */
  onOutput(text: string): void;
  /** The session's terminal ended, in words. */
  onClosed(reason: string): void;
}

/** One attachment to a session's terminal; it ends with the connection it was made over. */
export class Attachment implements Disposable {
  readonly #connection: TerminalConnection;
  readonly #events: AttachmentEvents;
  readonly #scope = new Scope();
  /** Chunks are cut anywhere, also inside a character. */
  readonly #decoder = new StringDecoder("utf8");
  /** What came for terminals before we knew which is ours. */
  #early: { terminal: string; data: string }[] | undefined = [];
  #terminal: string | undefined;

  constructor(connection: TerminalConnection, events: AttachmentEvents) {
    this.#connection = connection;
    this.#events = events;
  }

  /** Attaches, and writes what was on the terminal before. @throws DevlatchError why it can't */
  async open(params: Params<"terminal/attach">, signal: AbortSignal): Promise<void> {
    this.#scope.add(this.#connection.onNotification("terminal/data", (chunk) => this.#receive(chunk)));
    this.#scope.add(
      this.#connection.onNotification("terminal/closed", ({ terminal, reason }) => {
        if (terminal === this.#terminal) this.#close(reason);
      }),
    );
    const attached = await this.#connection.request("terminal/attach", params, { signal });
    if (this.#scope.disposed) return detach(this.#connection, attached);
    this.#terminal = attached.terminal;
    this.#write(attached.scrollback);
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const chunk of early) this.#receive(chunk);
  }

  input(data: string): void {
    this.#send("terminal/input", (terminal) => ({ terminal, data }));
  }

  resize(columns: number, rows: number): void {
    this.#send("terminal/resize", (terminal) => ({ terminal, columns, rows }));
  }

  dispose(): void {
    this.#scope.dispose();
    if (this.#terminal !== undefined) detach(this.#connection, { terminal: this.#terminal });
    this.#terminal = undefined;
  }

  #receive(chunk: { terminal: string; data: string }): void {
    if (this.#early) this.#early.push(chunk);
    else if (chunk.terminal === this.#terminal) this.#write(chunk.data);
  }

  #write(base64: string): void {
    const text = this.#decoder.write(Buffer.from(base64, "base64"));
    if (text !== "") this.#events.onOutput(text);
  }

  #close(reason: string): void {
    this.#terminal = undefined;
    this.#scope.dispose();
    this.#events.onClosed(reason);
  }

  #send<M extends "terminal/input" | "terminal/resize">(
    method: M,
    params: (terminal: string) => Params<M>,
  ): void {
    if (this.#terminal === undefined) return;
    // A terminal that just ended says so itself; its last keystrokes have nowhere to go.
    this.#connection.request(method, params(this.#terminal)).catch(() => {});
  }
}

function detach(connection: TerminalConnection, attached: Pick<Result<"terminal/attach">, "terminal">): void {
  connection.request("terminal/detach", { terminal: attached.terminal }).catch(() => {});
}
