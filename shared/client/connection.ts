import { connect as connectSocket } from "node:net";
import {
  CancellationTokenSource,
  ConnectionErrors,
  createMessageConnection,
  ErrorCodes,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import { WebSocket } from "ws";
import { abortable, runWithDeadline } from "../base/deadline.ts";
import type { Disposable } from "../base/disposable.ts";
import { Emitter } from "../base/emitter.ts";
import { DevlatchError } from "../base/errors.ts";
import { randomToken } from "../base/token.ts";
import {
  type ClientNotification,
  type ClientNotificationName,
  type MethodName,
  methods,
  type Notification,
  type NotificationName,
  notifications,
  type Params,
  type Result,
} from "../protocol/contract.ts";
import { fromResponseError } from "../protocol/errors.ts";
import {
  AuthenticateResult,
  type ClientInfo,
  commonVersion,
  HelloResult,
  isProof,
  proofOf,
  protocolRange,
} from "../protocol/handshake.ts";
import { maxMessageBytes, SocketReader, SocketWriter } from "../protocol/transport.ts";
import type { DaemonAddress } from "./state-file.ts";

/** How long a daemon may take to accept a connection and to answer the handshake, in milliseconds. */
const handshakeTimeoutMs = 5_000;
/** How much longer than the daemon's own deadline a client waits for an answer, in milliseconds. */
const deadlineGraceMs = 2_000;

export interface ConnectOptions {
  readonly address: DaemonAddress;
  readonly token: string;
  readonly client: ClientInfo;
  readonly build: string;
  readonly signal?: AbortSignal;
  /** Connects also to a daemon of another protocol: all it then answers is `daemon/stop`. */
  readonly anyProtocol?: boolean;
}

export interface RequestOptions {
  readonly signal?: AbortSignal;
  /** Gives up after this many milliseconds, if that is sooner than the method's own deadline. */
  readonly timeoutMs?: number;
}

/** An authenticated connection to the daemon. Requests and results are checked against the contract. */
export class Connection implements Disposable {
  readonly #rpc: MessageConnection;
  readonly #closed = new Emitter<void>();
  readonly onClosed = this.#closed.event;
  /** Identifies the daemon process; revisions of another epoch can't be compared. */
  readonly epoch: string;
  /** Build of the daemon. */
  readonly build: string;

  constructor(rpc: MessageConnection, daemon: { epoch: string; build: string }) {
    this.#rpc = rpc;
    this.epoch = daemon.epoch;
    this.build = daemon.build;
    rpc.onClose(() => {
      rpc.dispose();
      this.#closed.fire();
    });
  }

  /**
   * Sends a request and checks the answer.
   * @throws DevlatchError the daemon's error by its code; `DEADLINE`; `DAEMON_UNAVAILABLE` when the connection ends
   *   first; the signal's reason when it aborts (the daemon is told to stop working)
   */
  async request<M extends MethodName>(
    method: M,
    params: Params<M>,
    options: RequestOptions = {},
  ): Promise<Result<M>> {
    const contract = methods[method];
    const timeoutMs = Math.min(
      options.timeoutMs ?? Number.POSITIVE_INFINITY,
      contract.deadlineMs + deadlineGraceMs,
    );
    const answer = await runWithDeadline(
      timeoutMs,
      `The daemon's answer to ${method}`,
      (signal) => this.#send(method, params, signal),
      options.signal,
    );
    return parseAnswer<unknown>(method, contract.result.safeParse(answer)) as Result<M>;
  }

  async #send(method: string, params: object, signal: AbortSignal): Promise<unknown> {
    const cancellation = new CancellationTokenSource();
    const cancel = () => cancellation.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    const closed = this.#whenClosed();
    try {
      return await Promise.race([this.#rpc.sendRequest(method, params, cancellation.token), closed.promise]);
    } catch (error) {
      throw isConnectionEnd(error) ? connectionLost() : fromResponseError(error);
    } finally {
      closed.dispose();
      signal.removeEventListener("abort", cancel);
      cancellation.dispose();
    }
  }

  #whenClosed(): { promise: Promise<never> } & Disposable {
    let subscription: Disposable | undefined;
    const promise = new Promise<never>((_, reject) => {
      subscription = this.onClosed(() => reject(connectionLost()));
    });
    return { promise, dispose: () => subscription?.dispose() };
  }

  /**
   * Sends something that isn't answered, after everything sent before.
   * @throws DevlatchError `DAEMON_UNAVAILABLE` when the connection has ended
   */
  async notify<N extends ClientNotificationName>(name: N, value: ClientNotification<N>): Promise<void> {
    try {
      await this.#rpc.sendNotification(name, value);
    } catch {
      throw connectionLost();
    }
  }

  /** Subscribes to what the daemon sends unasked. Notifications that don't fit the contract are dropped. */
  onNotification<N extends NotificationName>(
    name: N,
    listener: (value: Notification<N>) => void,
  ): Disposable {
    return this.#rpc.onNotification(name, (value: unknown) => {
      const parsed = notifications[name].safeParse(value);
      if (parsed.success) listener(parsed.data as Notification<N>);
    });
  }

  dispose(): void {
    this.#rpc.end();
    this.#rpc.dispose();
    this.#closed.fire();
    this.#closed.dispose();
  }
}

/**
 * Connects and authenticates both ways.
 * @throws DevlatchError `DAEMON_UNAVAILABLE` (nobody listens), `UNAUTHENTICATED` (one side doesn't know the token),
 *   `PROTOCOL_MISMATCH`, `DEADLINE`
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  return runWithDeadline(
    handshakeTimeoutMs,
    "Connecting to the daemon",
    async (signal) => {
      const socket = await open(options.address, signal);
      const rpc = createMessageConnection(new SocketReader(socket), new SocketWriter(socket));
      rpc.onError(() => {});
      // Rejects what is outstanding; a closed connection by itself doesn't.
      rpc.onClose(() => rpc.dispose());
      rpc.listen();
      try {
        return await abortable(shakeHands(rpc, options), signal);
      } catch (error) {
        rpc.dispose();
        socket.terminate();
        throw isConnectionEnd(error) ? connectionLost() : error;
      }
    },
    options.signal,
  );
}

/**
 * Editors put a proxy agent in front of every HTTP request of an extension, which ignores `createConnection`; only
 * requests to a unix socket pass (@vscode/proxy-agent, `patchedRequest`). So the URL names one on every platform,
 * and `createConnection` goes where the daemon is.
 */
const passedByProxies = "ws+unix:/devlatch:/";

async function open(address: DaemonAddress, signal: AbortSignal): Promise<WebSocket> {
  const socket = new WebSocket(passedByProxies, {
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
    createConnection: () =>
      "socketPath" in address ? connectSocket(address.socketPath) : connectSocket(address.port, "127.0.0.1"),
  });
  const opened = new Promise<WebSocket>((resolve, reject) => {
    socket.once("open", () => resolve(socket));
    socket.on("error", (cause) =>
      reject(
        new DevlatchError(
          "DAEMON_UNAVAILABLE",
          `No daemon answers (${cause.message}).`,
          "Start it with: devlatch daemon start",
          { cause },
        ),
      ),
    );
  });
  try {
    return await abortable(opened, signal);
  } catch (error) {
    socket.terminate();
    throw error;
  }
}

async function shakeHands(rpc: MessageConnection, options: ConnectOptions): Promise<Connection> {
  const nonce = randomToken();
  const hello = await ask(rpc, "hello", {
    protocol: protocolRange,
    build: options.build,
    client: options.client,
    nonce,
  });
  const daemon = parseAnswer("hello", HelloResult.safeParse(hello));
  if (!isProof(daemon.proof, options.token, "daemon", nonce)) {
    throw new DevlatchError(
      "UNAUTHENTICATED",
      "What listens at the daemon's address doesn't know the token of this DEVLATCH_HOME.",
      "Another program may have taken the address. Run: devlatch doctor",
    );
  }
  const proof = proofOf(options.token, "client", daemon.nonce);
  const answer = await ask(rpc, "authenticate", { proof });
  const { epoch } = parseAnswer("authenticate", AuthenticateResult.safeParse(answer));
  const isForeign = commonVersion(protocolRange, daemon.protocol) === undefined;
  if (isForeign && !options.anyProtocol) throw protocolMismatch(daemon);
  return new Connection(rpc, { epoch, build: daemon.build });
}

async function ask(rpc: MessageConnection, method: string, params: object): Promise<unknown> {
  try {
    return await rpc.sendRequest(method, params);
  } catch (error) {
    throw isConnectionEnd(error) ? error : fromResponseError(error);
  }
}

function parseAnswer<T>(
  method: string,
  parsed: { success: true; data: T } | { success: false; error: { message: string } },
): T {
  if (parsed.success) return parsed.data;
  throw new DevlatchError(
    "MALFORMED_MESSAGE",
    `The daemon's answer to ${method} doesn't fit the protocol: ${parsed.error.message}`,
    "Client and daemon may be of different builds. Restart it with: devlatch daemon stop",
  );
}

function protocolMismatch(daemon: HelloResult): DevlatchError {
  const range = `${daemon.protocol.min} to ${daemon.protocol.max}`;
  return new DevlatchError(
    "PROTOCOL_MISMATCH",
    `The running daemon (${daemon.build}) speaks protocol ${range}, this client ${protocolRange.min} to ${protocolRange.max}.`,
    "Stop it with: devlatch daemon stop (servers go on running). The next command starts the right one.",
    { data: { daemon: daemon.protocol, client: protocolRange } },
  );
}

function connectionLost(): DevlatchError {
  return new DevlatchError(
    "DAEMON_UNAVAILABLE",
    "The connection to the daemon ended before it answered.",
    "Servers go on running. Try again: the next command starts a new daemon.",
  );
}

/** How vscode-jsonrpc says that the connection ended before, while, or after a request was written. */
const connectionEnds = new Set<unknown>([
  ConnectionErrors.Closed,
  ConnectionErrors.Disposed,
  ErrorCodes.MessageWriteError,
  ErrorCodes.PendingResponseRejected,
]);

function isConnectionEnd(error: unknown): boolean {
  if (typeof error !== "object" || error === null || !("code" in error)) return false;
  return connectionEnds.has(error.code);
}
