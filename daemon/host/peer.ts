import type { Socket } from "node:net";
import type { MessageConnection } from "vscode-jsonrpc/node";
import type { Disposable } from "../../shared/base/disposable.ts";
import type { NameOf, ValueOf } from "../../shared/rpc/api.ts";
import { answerRequests, type Call, dispatch, type Handlers } from "../../shared/rpc/serving.ts";
import { connectMessages } from "./framing.ts";
import { type HostNotifications, hostApi } from "./protocol.ts";

/** What a handler knows about its caller. */
interface PeerCall extends Call {
  readonly peer: Peer;
}

export type PeerHandlers = Handlers<typeof hostApi.methods, PeerCall>;

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
    const served = {
      methods: hostApi.methods,
      handlers,
      name: "This session host",
      remedy: "Daemon and host may be of different builds. Restart the session.",
    };
    answerRequests(this.#connection, (method, params, signal) =>
      dispatch(served, method, params, { peer: this, signal }),
    );
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

  notify<N extends NameOf<HostNotifications>>(name: N, params: ValueOf<HostNotifications, N>): void {
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
}
