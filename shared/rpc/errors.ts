import { ConnectionError, ErrorCodes, ResponseError } from "vscode-jsonrpc/node";
import {
  type DevlatchError,
  type ErrorShape,
  fromErrorShape,
  isErrorCode,
  toErrorShape,
} from "../base/errors.ts";

/** JSON-RPC numbers are of no use to people; ours travel in `data`. */
const applicationError = -32_000;

/** An error as JSON-RPC sends it. */
export function toResponseError(error: unknown): ResponseError<ErrorShape> {
  const shape = toErrorShape(error);
  return new ResponseError(applicationError, shape.message, shape);
}

/** The error a peer sent, or `INTERNAL` with its words where it isn't one of ours. */
export function fromResponseError(error: unknown): DevlatchError {
  const shape = error instanceof ResponseError ? (error.data as Partial<ErrorShape> | undefined) : undefined;
  if (shape && isErrorCode(shape.code))
    return fromErrorShape({ remedy: "", message: "", ...shape, code: shape.code });
  return fromErrorShape(toErrorShape(error));
}

/** Whether vscode-jsonrpc failed because the connection ended before, while, or after a request was written. */
export function isConnectionEnd(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  return error instanceof ResponseError && connectionEnds.has(error.code);
}

const connectionEnds = new Set<unknown>([ErrorCodes.MessageWriteError, ErrorCodes.PendingResponseRejected]);
