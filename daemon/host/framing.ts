import type { Socket } from "node:net";
import {
  createMessageConnection,
  type MessageConnection,
  SocketMessageReader,
  SocketMessageWriter,
} from "vscode-jsonrpc/node";

const silent = { error() {}, warn() {}, info() {}, log() {} };

/** JSON-RPC between a host and who is connected to it. Ends with `dispose`; the socket is the caller's. */
export function connectMessages(socket: Socket): MessageConnection {
  const reader = new SocketMessageReader(socket);
  // Its timer for messages that come in parts goes on for ever where the other end goes in the middle of one.
  reader.partialMessageTimeout = 0;
  return createMessageConnection(reader, new SocketMessageWriter(socket), silent);
}
