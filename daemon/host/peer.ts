import type { Socket } from "node:net";
import type { MessageConnection } from "vscode-jsonrpc/node";
import type * as z from "zod";
import type { Disposable } from "../../shared/base/disposable.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { toResponseError } from "../../shared/protocol/errors.ts";
import { connectMessages } from "./framing.ts";
import {
  type HostMethod,
  type HostNotification,
  hostMethods,
  type hostNotifications,
  type Params,
  type Result,
} from "./protocol.ts";

/** Answers one method; what it throws travels as an error of the closed list. */
export type PeerHandlers = {
  readonly [M in HostMethod]: (params: Params<M>, peer: Peer) => Result<M> | Promise<Result<M>>;
};

/** Output that may wait for a slow peer, in bytes as sent. */
const maxPendingBytes = 4 * 1024 * 1024;

/** One client's connection to the host. */
export class Peer implements Disposable {
  readonly #connection: MessageConnection;
  readonly #socket: Socket;
  #attached = false;
  #pendingBytes = 0;

  /** @param onClosed called once, when the connection is over for whatever reason */
  constructor(socket: Socket, handlers: PeerHandlers, onClosed: (peer: Peer) => void) {
    this.#socket = socket;
    this.#connection = connectMessages(socket);
    for (const method of Object.keys(hostMethods) as HostMethod[]) this.#answer(method, handlers);
    // Whatever isn't a message of the protocol ends this connection and nothing else.
    this.#connection.onError(() => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      this.#connection.dispose();
      onClosed(this);
    });
    this.#connection.listen();
  }

  /** Whether output is sent to this peer. */
  get attached(): boolean {
    return this.#attached;
  }

  attach(): void {
    this.#attached = true;
  }

  /** Sends output; a peer that doesn't read is detached and told so, for the host never buffers without bound. */
  sendOutput(data: string): void {
    if (!this.#attached) return;
    if (this.#pendingBytes + data.length > maxPendingBytes) {
      this.#attached = false;
      this.notify("dropped", { reason: "The output came faster than it was read. Attach again." });
      return;
    }
    this.notify("output", { data });
  }

  /** A hint: left out when the peer doesn't keep up. */
  sendHint(seq: number): void {
    if (this.#pendingBytes < maxPendingBytes) this.notify("wrote", { seq });
  }

  notify<N extends HostNotification>(name: N, params: z.output<(typeof hostNotifications)[N]>): void {
    const size = "data" in params ? params.data.length : 64;
    this.#pendingBytes += size;
    // Settles when the operating system has taken it; a connection that broke meanwhile tells by its `close`.
    const done = () => {
      this.#pendingBytes -= size;
    };
    this.#connection.sendNotification(name, params).then(done, done);
  }

  dispose(): void {
    this.#socket.destroy();
  }

  #answer<M extends HostMethod>(method: M, handlers: PeerHandlers): void {
    const schema: z.ZodType<Params<M>> = hostMethods[method].params as never;
    const handler = handlers[method];
    this.#connection.onRequest(method, async (given: unknown) => {
      const params = schema.safeParse(given ?? {});
      if (!params.success) return toResponseError(invalid(method, params.error.message));
      try {
        return await handler(params.data, this);
      } catch (error) {
        return toResponseError(error);
      }
    });
  }
}

function invalid(method: string, problem: string): DevlatchError {
  return new DevlatchError(
    "INVALID_INPUT",
    `The parameters of ${method} don't fit: ${problem}`,
    "Client and host may be of different builds. Restart the session.",
  );
}
