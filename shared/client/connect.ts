import { connect as connectSocket } from "node:net";
import { createMessageConnection, type MessageConnection } from "vscode-jsonrpc/node";
import { WebSocket } from "ws";
import { abortable, runWithDeadline } from "../base/deadline.ts";
import { DevlatchError } from "../base/errors.ts";
import { randomToken } from "../base/token.ts";
import type { ProcessIdentity } from "../model/process.ts";
import { type ClientInfo, type HelloResult, handshake } from "../protocol/handshake.ts";
import { type Binding, isProof, proofOf } from "../protocol/proof.ts";
import { bindsProofs, commonVersion, protocolRange } from "../protocol/versions.ts";
import { isConnectionEnd } from "../rpc/errors.ts";
import { request } from "../rpc/request.ts";
import { maxMessageBytes, SocketReader, SocketWriter } from "../rpc/transport.ts";
import { Connection, contractWith, theDaemon } from "./connection.ts";
import { addressName, type DaemonAddress } from "./state-file.ts";

/** How long a daemon may take to accept a connection and to answer the handshake, in milliseconds. */
const handshakeTimeoutMs = 20_000;

export interface ConnectOptions {
  readonly address: DaemonAddress;
  readonly token: string;
  readonly client: ClientInfo;
  readonly build: string;
  /** The daemon's process, where the state file tells: another one isn't taken for it. */
  readonly expected?: ProcessIdentity;
  readonly signal?: AbortSignal;
  /** Connects also to a daemon of another protocol: all it then answers is `daemon/stop`. */
  readonly anyProtocol?: boolean;
}

/**
 * Connects and authenticates both ways.
 * @throws DevlatchError `DAEMON_UNAVAILABLE` (no daemon listens, or another than expected), `UNAUTHENTICATED` (one side
 *   doesn't know the token, or is relayed from elsewhere), `PROTOCOL_MISMATCH`, `DEADLINE`
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
        return await shakeHands(rpc, options, signal);
      } catch (error) {
        rpc.dispose();
        socket.terminate();
        throw isConnectionEnd(error) ? theDaemon.lost() : error;
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

async function shakeHands(
  rpc: MessageConnection,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<Connection> {
  const channel = { rpc, server: theDaemon };
  const nonce = randomToken();
  const { build, client } = options;
  const hello = { protocol: protocolRange, build, client, nonce };
  const daemon = await request(channel, handshake, "hello", hello, { signal });
  const binding = bindingOf(daemon, options.address);
  if (!isProof(daemon.proof, options.token, "daemon", nonce, binding)) throw unproven();
  const { expected } = options;
  if (binding && expected && !isSame(binding.server, expected)) throw anotherDaemon();
  // Before anything is proved: what a daemon of protocol 1 gets could be relayed.
  const isForeign = commonVersion(protocolRange, daemon.protocol) === undefined;
  if (isForeign && !options.anyProtocol) throw protocolMismatch(daemon);
  const proof = proofOf(options.token, "client", daemon.nonce, binding);
  // Before the last answer: what the daemon says after it must find who listens.
  const contract = await contractWith(daemon.build);
  const { epoch } = await request(channel, handshake, "authenticate", { proof }, { signal });
  return new Connection(rpc, { epoch, build: daemon.build }, contract);
}

/**
 * What this connection's proofs are bound to; undefined for a daemon of protocol 1.
 * @throws DevlatchError `UNAUTHENTICATED` where a later one doesn't say which process it is
 */
function bindingOf({ protocol, daemon }: HelloResult, address: DaemonAddress): Binding | undefined {
  if (!bindsProofs(protocol)) return undefined;
  if (daemon === undefined) throw unproven();
  return { address: addressName(address), server: daemon };
}

function isSame(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.startTime === b.startTime;
}

function unproven(): DevlatchError {
  return new DevlatchError(
    "UNAUTHENTICATED",
    "What listens at the daemon's address doesn't know the token of this DEVLATCH_HOME, or passes it on to another address.",
    "Another program may have taken the address. Run: devlatch doctor",
  );
}

/** The state file is of the one before: the next look finds what this one writes. */
function anotherDaemon(): DevlatchError {
  return new DevlatchError(
    "DAEMON_UNAVAILABLE",
    "Another daemon than the one in the state file answers: it is just starting.",
    "Try again.",
  );
}

function protocolMismatch(daemon: HelloResult): DevlatchError {
  const range = `${daemon.protocol.min} to ${daemon.protocol.max}`;
  return new DevlatchError(
    "PROTOCOL_MISMATCH",
    `The running daemon (${daemon.build}) speaks protocol ${range}, this client ${protocolRange.min} to ${protocolRange.max}.`,
    daemon.protocol.min > protocolRange.max
      ? "This client is the older one: update it, or reload its window. To go back to it instead: devlatch daemon stop (servers go on running)."
      : "Stop it with: devlatch daemon stop (servers go on running). The next command starts the right one.",
    { data: { daemon: daemon.protocol, client: protocolRange } },
  );
}
