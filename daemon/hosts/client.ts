import { createConnection } from "node:net";
import { join } from "node:path";
import { requireBelieved } from "../../shared/base/believed-path.ts";
import { runWithDeadline } from "../../shared/base/deadline.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { randomToken } from "../../shared/base/token.ts";
import { socketPathIn } from "../../shared/client/socket-place.ts";
import { isProof } from "../../shared/protocol/proof.ts";
import { RpcClient } from "../../shared/rpc/client.ts";
import { isPipe, pipeFault } from "../../shared/windows/own-pipe.ts";
import { connectMessages } from "../host/framing.ts";
import { hostAddress, readHostKey } from "../host/host-key.ts";
import { hostApi, hostSocket } from "../host/protocol.ts";
import { isOwn, type PeerProcess, peerOf } from "../processes/peer-user.ts";

/** How long a host may take to accept a connection, in milliseconds. */
const connectTimeoutMs = 3_000;

/** A connection to the host of one session. */
export type HostConnection = RpcClient<typeof hostApi>;

/**
 * Connects to the host of the session in `directory`. Requests fail with `HOST_FAILED` once the connection is over.
 * @throws DevlatchError `HOST_FAILED` when nothing listens there; `UNSAFE_PATH`, `DEADLINE`, or the signal's reason
 */
export async function connectHost(
  directory: string,
  options: { signal?: AbortSignal } = {},
): Promise<HostConnection> {
  requireBelieved(join(directory, hostSocket), "socket");
  const path = socketPathIn(directory, hostSocket);
  if (isPipe(path) && (await pipeFault(path, options.signal)) !== undefined) throw foreign(directory);
  const socket = createConnection(path);
  const connected = new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  try {
    await runWithDeadline(
      connectTimeoutMs,
      "Connecting to the session host",
      () => connected,
      options.signal,
    );
  } catch (error) {
    socket.destroy();
    throw isSystemError(error) ? unreachable(directory, error) : error;
  }
  const peer = await peerOf(socket);
  if (peer !== undefined && !isOwn(peer)) {
    socket.destroy();
    throw foreign(directory);
  }
  const rpc = connectMessages(socket);
  const server = {
    name: "The session host",
    remedy: "Daemon and host may be of different builds. Restart the session.",
    lost: () => unreachable(directory),
  };
  const connection = new RpcClient({ rpc, server }, { kind: "checked", api: hostApi });
  rpc.listen();
  try {
    await requireProof(connection, directory, { ...options, peer });
  } catch (error) {
    connection.dispose();
    throw isSystemError(error) ? unreachable(directory, error) : error;
  }
  return connection;
}

/**
 * Has the host prove that it has the key of this directory, at this very socket, in this very process.
 * @throws DevlatchError `HOST_FAILED` where it can't, `UNSAFE_PATH`, `DEADLINE`; an error of the file system
 */
async function requireProof(
  connection: HostConnection,
  directory: string,
  { peer, signal }: { readonly peer: PeerProcess | undefined; readonly signal?: AbortSignal },
): Promise<void> {
  const key = readHostKey(directory);
  // Of an earlier build: it outlives the daemon's upgrade.
  if (key === undefined) return;
  const address = hostAddress(directory);
  const nonce = randomToken();
  const { proof, host } = await connection.request("prove", { nonce }, signal ? { signal } : {});
  // The kernel names no process of another namespace.
  const isPeer = peer === undefined || peer.pid === 0 || peer.pid === host.pid;
  if (!isPeer || !isProof(proof, key, "host", nonce, { address, server: host })) throw foreign(directory);
}

/**
 * Tells when the thread of the session in `directory` grows. It ends with the session, so that its host needn't wait
 * for it.
 * @throws as {@link connectHost}
 */
export async function hostGrowth(directory: string, signal: AbortSignal) {
  const connection = await connectHost(directory, { signal });
  connection.onNotification("exited", () => connection.dispose());
  return {
    onWrote: (listener: (seq: number) => void) =>
      connection.onNotification("wrote", ({ seq }) => listener(seq)),
    onClosed: connection.onClosed,
    dispose: () => connection.dispose(),
  };
}

function foreign(directory: string): DevlatchError {
  return new DevlatchError(
    "HOST_FAILED",
    `What listens at the socket of ${directory} isn't a session host of this user.`,
    "See what it is with: devlatch doctor",
  );
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

function unreachable(directory: string, cause?: NodeJS.ErrnoException): DevlatchError {
  const why = cause?.code === undefined ? "it closed the connection" : cause.code;
  return new DevlatchError(
    "HOST_FAILED",
    `The session host of ${directory} can't be reached: ${why}.`,
    "The session has probably ended. Run: devlatch status",
    { cause },
  );
}
