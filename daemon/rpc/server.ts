import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createDoor, type Server as Door, type Socket } from "node:net";
import { basename, dirname } from "node:path";
import { WebSocketServer } from "ws";
import type { Disposable } from "../../shared/base/disposable.ts";
import { randomToken } from "../../shared/base/token.ts";
import {
  listenPrivately,
  placeSocket,
  removeSocket,
  socketPathIn,
} from "../../shared/client/socket-place.ts";
import { addressName, type DaemonAddress } from "../../shared/client/state-file.ts";
import type { ProcessIdentity } from "../../shared/model/process.ts";
import { maxMessageBytes } from "../../shared/rpc/transport.ts";
import { ClientConnection, type ConnectionOptions } from "./client-connection.ts";
import { Lobby } from "./lobby.ts";

export interface ServerOptions extends Omit<ConnectionOptions, "binding"> {
  /** This daemon's own process. */
  readonly self: ProcessIdentity;
  /** Whether the other end of a connection is this user's or root's, as far as the system tells. */
  readonly isOwnPeer: (socket: Socket) => Promise<boolean>;
}

/** The WebSocket endpoint: a unix socket on POSIX, loopback TCP on Windows. */
export class RpcServer implements Disposable {
  readonly #connections = new Set<ClientConnection>();
  #made = 0;
  readonly #door: Door;
  readonly #lobby: Lobby;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  #removeSocket = () => {};
  #address = "";

  constructor(options: ServerOptions) {
    this.#http = createServer((_request, response) => {
      response
        .writeHead(426, { "content-type": "text/plain", connection: "close" })
        .end("Devlatch daemon: WebSocket only.\n");
    });
    this.#lobby = new Lobby((socket) => this.#http.emit("connection", socket));
    this.#door = createDoor({ pauseOnConnect: true }, (socket) => void this.#admit(socket, options));
    this.#sockets = new WebSocketServer({
      server: this.#http,
      perMessageDeflate: false,
      maxPayload: maxMessageBytes,
      // Browsers always send Origin on WebSockets and no client of ours does: a web page can't even begin.
      verifyClient: ({ req }, accept) =>
        req.headers.origin === undefined ? accept(true) : accept(false, 403),
    });
    this.#sockets.on("connection", (socket, request) => {
      const onProven = () => this.#lobby.leave(request.socket);
      this.#lobby.watch(request.socket);
      const binding = { address: this.#address, server: options.self };
      this.#accept(new ClientConnection(socket, { ...options, binding }, { onProven }));
    });
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** How many connections there were since the start. */
  get connectionsMade(): number {
    return this.#made;
  }

  /** Nothing of a connection is read before it is known to be this user's own. */
  async #admit(socket: Socket, { isOwnPeer, log }: ServerOptions): Promise<void> {
    socket.on("error", () => socket.destroy());
    if (await isOwnPeer(socket)) {
      if (!socket.destroyed) this.#lobby.enter(socket);
      return;
    }
    log.warn({}, "connection of another user refused");
    socket.destroy();
  }

  #accept(connection: ClientConnection): void {
    this.#made++;
    this.#connections.add(connection);
    connection.onClosed(() => this.#connections.delete(connection));
  }

  /**
   * Starts listening. A socket file left by a dead daemon is removed: the caller holds the home's lock, so no
   * daemon serves it.
   * @param socketPath where the socket or, where this is too long a path, a link to it shall be (see `Home`); undefined for loopback TCP
   */
  async listen(socketPath: string | undefined): Promise<DaemonAddress> {
    const address = await this.#listen(socketPath);
    this.#address = addressName(address);
    return address;
  }

  async #listen(socketPath: string | undefined): Promise<DaemonAddress> {
    if (socketPath === undefined) return { port: await this.#listenOnLoopback() };
    if (process.platform === "win32") return this.#listenOnPipe(socketPath);
    const [directory, name] = [dirname(socketPath), basename(socketPath)];
    const place = placeSocket(directory, name);
    this.#removeSocket = () => removeSocket(directory, name);
    await listenPrivately(this.#door, place);
    return { socketPath: place };
  }

  /**
   * Any program may make a pipe of any name: one that can't be guessed can't be there before. Windows lets other users read
   * from it at most, so that they can't ask anything.
   */
  async #listenOnPipe(socketPath: string): Promise<DaemonAddress> {
    const pipe = `${socketPathIn(dirname(socketPath), basename(socketPath))}-${randomToken()}`;
    try {
      await listenPrivately(this.#door, pipe);
      return { socketPath: pipe };
    } catch {
      return { port: await this.#listenOnLoopback() };
    }
  }

  async #listenOnLoopback(): Promise<number> {
    const listening = once(this.#door, "listening");
    this.#door.listen({ host: "127.0.0.1", port: 0 });
    await listening;
    const address = this.#door.address();
    if (typeof address !== "object" || address === null)
      throw new Error("The loopback listener has no port.");
    return address.port;
  }

  dispose(): void {
    for (const connection of [...this.#connections]) connection.dispose();
    this.#lobby.dispose();
    this.#sockets.close();
    this.#door.close();
    this.#removeSocket();
  }
}
