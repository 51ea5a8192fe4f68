import type { Socket } from "node:net";
import type { Disposable } from "../../shared/base/disposable.ts";

/** What a connection may be and do before its client proved itself. */
export const lobbyLimits = {
  /** Connections that are served at once; more wait for their turn. */
  connections: 64,
  /** Most that wait; the next one is closed. */
  waiting: 1_024,
  /** Bytes it may send. A handshake has less than 2 KB. */
  bytes: 64 * 1024,
  /** Time from accepting it until its client has proven itself, in milliseconds. */
  handshakeMs: 10_000,
  /** A connection that is served for so long may be closed for one that waits, in milliseconds: a proof takes some. */
  patienceMs: 2_000,
} as const;

/**
 * Where connections are until their client has proven itself: a few at a time, not for long, and with few bytes. In TCP
 * mode any user of this machine can connect.
 */
export class Lobby implements Disposable {
  readonly #serve: (socket: Socket) => void;
  /** Those that are served, the oldest first, and since when. */
  readonly #served = new Map<Socket, number>();
  readonly #waiting = new Set<Socket>();
  readonly #timers = new Map<Socket, NodeJS.Timeout>();
  #turn: NodeJS.Timeout | undefined;

  /** @param serve begins to read from a connection */
  constructor(serve: (socket: Socket) => void) {
    this.#serve = serve;
  }

  /** Takes a connection that was accepted and isn't read from yet. */
  enter(socket: Socket): void {
    if (this.#waiting.size >= lobbyLimits.waiting) {
      socket.destroy();
      return;
    }
    this.#timers.set(socket, setTimeout(() => socket.destroy(), lobbyLimits.handshakeMs).unref());
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.leave(socket));
    this.#waiting.add(socket);
    this.#next();
  }

  /** Closes a connection that sends too much before its client has proven itself. */
  watch(socket: Socket): void {
    const count = () => {
      if (!this.#served.has(socket)) socket.off("data", count);
      else if (socket.bytesRead > lobbyLimits.bytes) socket.destroy();
    };
    socket.on("data", count);
  }

  /** Its client has proven itself, or it ended. */
  leave(socket: Socket): void {
    clearTimeout(this.#timers.get(socket));
    this.#timers.delete(socket);
    this.#served.delete(socket);
    this.#waiting.delete(socket);
    this.#next();
  }

  /** Serves who waits the longest, as far as there is room. */
  #next(): void {
    for (const socket of this.#waiting) {
      if (this.#served.size >= lobbyLimits.connections) break;
      this.#waiting.delete(socket);
      this.#served.set(socket, performance.now());
      this.#serve(socket);
      socket.resume();
    }
    if (this.#waiting.size > 0) this.#turn ??= setTimeout(() => this.#makeRoom(), 100).unref();
  }

  /** One client that never proves itself must not keep others out. */
  #makeRoom(): void {
    this.#turn = undefined;
    const slow = performance.now() - lobbyLimits.patienceMs;
    const room = lobbyLimits.connections - this.#served.size;
    const ended = [...this.#served].filter(([, since]) => since < slow).slice(0, this.#waiting.size - room);
    for (const [socket] of ended) socket.destroy();
    this.#next();
  }

  dispose(): void {
    clearTimeout(this.#turn);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const socket of this.#waiting) socket.destroy();
    for (const socket of this.#served.keys()) socket.destroy();
  }
}
