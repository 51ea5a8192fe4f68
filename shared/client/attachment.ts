import { StringDecoder } from "node:string_decoder";
import { type Disposable, Scope } from "../base/disposable.ts";
import { DevlatchError } from "../base/errors.ts";
import type { MethodName, Notification, Params, Result } from "../protocol/methods.ts";
import type { RequestOptions } from "../rpc/request.ts";

/** The part of a connection that a terminal needs. */
interface TerminalConnection {
  request<M extends MethodName>(method: M, params: Params<M>, options?: RequestOptions): Promise<Result<M>>;
  onNotification<N extends "terminal/data" | "terminal/closed">(
    name: N,
    listener: (value: Notification<N>) => void,
  ): Disposable;
}

/** Why a session's terminal was closed: in words, and whether attaching again makes sense at once. */
export type TerminalClosed = Omit<Notification<"terminal/closed">, "terminal">;

export interface AttachmentEvents {
  /** What was on the terminal before, decoded, once. Left out, it counts as output. */
  onScrollback?(text: string): void;
  /** Text the session wrote, decoded. */
  onOutput(text: string): void;
  onClosed(closed: TerminalClosed): void;
}

/** One attachment to a session's terminal; it ends with the connection it was made over. */
export class Attachment implements Disposable {
  readonly #connection: TerminalConnection;
  readonly #events: AttachmentEvents;
  readonly #scope = new Scope();
  /** Chunks are cut anywhere, also inside a character. */
  readonly #decoder = new StringDecoder("utf8");
  /** What came for terminals before we knew which is ours. */
  #early: ({ terminal: string } & ({ data: string } | { closed: TerminalClosed }))[] | undefined = [];
  #terminal: string | undefined;

  constructor(connection: TerminalConnection, events: AttachmentEvents) {
    this.#connection = connection;
    this.#events = events;
  }

  /** Attaches, and writes what was on the terminal before. @throws DevlatchError why it can't */
  async open(params: Params<"terminal/attach">, signal: AbortSignal): Promise<void> {
    this.#scope.add(this.#connection.onNotification("terminal/data", (chunk) => this.#receive(chunk)));
    this.#scope.add(
      this.#connection.onNotification("terminal/closed", ({ terminal, ...closed }) => {
        if (this.#early) this.#early.push({ terminal, closed });
        else if (terminal === this.#terminal) this.#close(closed);
      }),
    );
    const attached = await this.#connection.request("terminal/attach", params, { signal });
    if (this.#scope.disposed) return detach(this.#connection, attached);
    this.#terminal = attached.terminal;
    const { onScrollback = this.#events.onOutput } = this.#events;
    onScrollback(this.#decode(attached.scrollback));
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const one of early) {
      if ("data" in one) this.#receive(one);
      else if (one.terminal === this.#terminal) this.#close(one.closed);
    }
  }

  /**
   * Types at the session's terminal. @returns once the terminal took it
   * @throws DevlatchError `NOT_RUNNING` when it took nothing: it is closed, or its programs don't read
   */
  async input(data: string): Promise<void> {
    if (this.#terminal === undefined) throw closed();
    await this.#connection.request("terminal/input", { terminal: this.#terminal, data });
  }

  resize(columns: number, rows: number): void {
    if (this.#terminal === undefined) return;
    const params = { terminal: this.#terminal, columns, rows };
    // A terminal that just ended says so itself.
    this.#connection.request("terminal/resize", params).catch(() => {});
  }

  dispose(): void {
    this.#scope.dispose();
    if (this.#terminal !== undefined) detach(this.#connection, { terminal: this.#terminal });
    this.#terminal = undefined;
  }

  #receive(chunk: { terminal: string; data: string }): void {
    if (this.#early) this.#early.push(chunk);
    else if (chunk.terminal === this.#terminal) this.#events.onOutput(this.#decode(chunk.data));
  }

  #decode(base64: string): string {
    return this.#decoder.write(Buffer.from(base64, "base64"));
  }

  #close(closed: TerminalClosed): void {
    this.#terminal = undefined;
    this.#scope.dispose();
    this.#events.onClosed(closed);
  }
}

function detach(connection: TerminalConnection, attached: Pick<Result<"terminal/attach">, "terminal">): void {
  connection.request("terminal/detach", { terminal: attached.terminal }).catch(() => {});
}

function closed(): DevlatchError {
  return new DevlatchError("NOT_RUNNING", "This terminal is closed.", "Attach to the session again.");
}
