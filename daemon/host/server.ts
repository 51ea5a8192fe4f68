import { createServer, type Server, type Socket } from "node:net";
import type { Disposable } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import { listenPrivately, placeSocket, removeSocket } from "../../shared/client/socket-place.ts";
import type { Exit } from "../../shared/model/exit.ts";
import { isOwnPeer } from "../processes/peer-user.ts";
import { Peer, type PeerHandlers } from "./peer.ts";
import { hostSocket } from "./protocol.ts";

/** Output collected at most before it is sent, in bytes. */
const maxCollected = 256 * 1024;

/** The host's socket and the clients connected to it. */
export class HostServer implements Disposable {
  readonly #server: Server;
  /** Where the socket is; undefined once it doesn't listen any more. */
  #directory: string | undefined;
  readonly #peers = new Set<Peer>();
  readonly #left = new Emitter<Peer>();
  /** A client's connection is over, for whatever reason. */
  readonly onLeft = this.#left.event;
  /** Connections made before the child was spawned; answered from then on. */
  #early: Socket[] | undefined = [];
  #handlers: PeerHandlers | undefined;
  #collected: Buffer[] = [];
  #collectedBytes = 0;
  #sending: NodeJS.Immediate | undefined;
  #lastGone: (() => void) | undefined;

  private constructor(server: Server, directory: string) {
    this.#server = server;
    this.#directory = directory;
    server.on("connection", (socket) => void this.#admit(socket));
    // Running out of descriptors makes `accept` fail; the session goes on.
    server.on("error", () => {});
  }

  /**
   * Listens in the session's directory. Call only while holding the session's lock: a socket file that is there is stale
   * then.
   * @throws DevlatchError `UNSAFE_PATH`; an error of the system when the path can't be bound
   */
  static async listen(directory: string): Promise<HostServer> {
    const server = createServer({ pauseOnConnect: true });
    await listenPrivately(server, placeSocket(directory, hostSocket));
    return new HostServer(server, directory);
  }

  /** Starts answering, those who connected earlier included. */
  serve(handlers: PeerHandlers): void {
    this.#handlers = handlers;
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const socket of early) this.#welcome(socket);
  }

  /** Passes raw output on to the attached peers: what comes within one turn of the event loop goes as one message. */
  output(bytes: Buffer): void {
    if (![...this.#peers].some((peer) => peer.attached)) return;
    this.#collected.push(bytes);
    this.#collectedBytes += bytes.length;
    if (this.#collectedBytes >= maxCollected) this.sendCollected();
    else this.#sending ??= setImmediate(() => this.sendCollected());
  }

  /** Sends what was collected, so that a peer attached from here on gets nothing twice. */
  sendCollected(): void {
    clearImmediate(this.#sending);
    this.#sending = undefined;
    if (this.#collected.length === 0) return;
    const data = Buffer.concat(this.#collected).toString("base64");
    this.#collected = [];
    this.#collectedBytes = 0;
    for (const peer of this.#peers) peer.sendOutput(data);
  }

  wrote(seq: number): void {
    for (const peer of this.#peers) peer.sendHint(seq);
  }

  exited(exit: Exit): void {
    this.sendCollected();
    for (const peer of this.#peers) peer.notify("exited", { exit });
  }

  /** Takes no new connections and removes the socket's file; those who are connected stay. */
  stopListening(): void {
    if (this.#directory === undefined) return;
    this.#server.close();
    // Once: later it may be that of the next host.
    removeSocket(this.#directory, hostSocket);
    this.#directory = undefined;
  }

  /** Waits until no client is connected, at most `ms` milliseconds. */
  async clientsGone(ms: number): Promise<void> {
    if (this.#peers.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#lastGone = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  dispose(): void {
    clearImmediate(this.#sending);
    this.stopListening();
    for (const socket of this.#early ?? []) socket.destroy();
    for (const peer of this.#peers) peer.dispose();
  }

  /** Nothing of a connection is read before it is known to be this user's own, and the child was spawned. */
  async #admit(socket: Socket): Promise<void> {
    socket.on("error", () => socket.destroy());
    const isOurs = await isOwnPeer(socket);
    if (!isOurs) socket.destroy();
    if (!socket.destroyed) this.#welcome(socket);
  }

  #welcome(socket: Socket): void {
    if (this.#handlers === undefined) {
      this.#early?.push(socket);
      return;
    }
    this.#peers.add(
      new Peer(socket, this.#handlers, (peer) => {
        this.#peers.delete(peer);
        this.#left.fire(peer);
        if (this.#peers.size === 0) this.#lastGone?.();
      }),
    );
    socket.resume();
  }
}
