import { ConnectionErrors, ErrorCodes } from "vscode-jsonrpc/node";
import { DevlatchError } from "../base/errors.ts";

/**
 * What the daemon answered, as the contract has it.
 * @throws DevlatchError `MALFORMED_MESSAGE`
 */
export function parseAnswer<T>(
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

/** `DAEMON_UNAVAILABLE`, for whoever waited for an answer. */
export function connectionLost(): DevlatchError {
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

/** Whether vscode-jsonrpc failed because the connection is no more. */
export function isConnectionEnd(error: unknown): boolean {
  if (typeof error !== "object" || error === null || !("code" in error)) return false;
  return connectionEnds.has(error.code);
}
