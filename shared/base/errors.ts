/**
 * Every error a user, a client or an agent can meet, told apart by `code` alone: never by `instanceof`
 * (bundles have their own copies of a class) and never by message text.
 *
 * The value is the command line's exit code: 1 failed, 2 usage, 3 conflict, 4 store unavailable, 5 deadline. 6 is no
 * error: nothing shows whether it is well (`wait`).
 */
export const errorCodes = {
  /** The app is neither configured nor detectable in this workspace. */
  UNKNOWN_APP: 2,
  /** Several packages could be the app, and nothing says which. */
  AMBIGUOUS_APP: 2,
  /** A parameter, flag or argument is missing, malformed or out of range. */
  INVALID_INPUT: 2,
  /** `devlatch.json` or a `package.json` can't be read or parsed, or doesn't fit its schema. */
  CONFIG_INVALID: 2,
  /** The directory an app should run in doesn't exist or isn't a directory. */
  DIRECTORY_MISSING: 2,
  /** The runtime is too old for Devlatch. */
  RUNTIME_TOO_OLD: 2,
  /** The program to run doesn't exist or can't be executed. */
  COMMAND_NOT_FOUND: 1,
  /** The server's process ended before the server was ready. */
  EXITED_EARLY: 1,
  /** What serves has crashed; what watches its files lives on and waits for a change. */
  SERVER_CRASHED: 1,
  /** The server asks something on its terminal and waits for the answer. */
  INPUT_NEEDED: 1,
  /** The server ended again and again, so it isn't restarted any more. */
  CRASH_LOOP: 1,
  /** The server's processes grew beyond its limits, so it was stopped. */
  LIMIT_EXCEEDED: 1,
  /** The session's host process could not be started or reached. */
  HOST_FAILED: 1,
  /** The session isn't running, so there is nothing to act on. */
  NOT_RUNNING: 1,
  /** Processes outlived the stop, or the port can't be bound; the survivors are named. */
  STOP_INCOMPLETE: 1,
  /** Another process listens on the wished port. */
  PORT_CONFLICT: 3,
  /** The server can't be given the port that was asked for. */
  PORT_FIXED: 3,
  /** The session runs with another command, directory, port or environment than asked for. */
  SESSION_DIFFERS: 3,
  /** The process isn't Devlatch's, and ending it has no consent. */
  CONSENT_REQUIRED: 3,
  /** Servers would use more memory together than they may, and one that an agent left unused could be stopped. */
  OVER_BUDGET: 3,
  /** A record changed between reading and writing it. */
  RECORD_CONFLICT: 3,
  /** The running daemon uses another store than the caller asks for. */
  STORE_DIFFERS: 3,
  /** The running daemon is in another network than the caller, as a container's is. */
  NETWORK_DIFFERS: 3,
  /** The lock is held by another owner. */
  LOCK_HELD: 3,
  /** The lock was lost while its holder worked. */
  LOCK_LOST: 3,
  /** Every sandbox of the pool is taken; the owners are named. */
  POOL_EXHAUSTED: 3,
  /** The caller didn't show the token of the sandbox's lease, or the lease is another's now. */
  SANDBOX_NOT_OWNED: 3,
  /** The sandbox holds work that exists nowhere else. */
  SANDBOX_CHANGED: 3,
  /** The sandbox is in use: a server listens there, or it isn't claimed. */
  SANDBOX_BUSY: 3,
  /** The pool has no such sandbox. */
  UNKNOWN_SANDBOX: 2,
  /** The directory is in no git checkout. */
  NOT_A_CHECKOUT: 2,
  /** git is missing, failed or hung. */
  GIT_FAILED: 1,
  /** The workspace isn't trusted: looking is allowed, running isn't. */
  UNTRUSTED_WORKSPACE: 3,
  /** Redis (or the embedded store's file) doesn't answer or refuses. */
  STORE_UNAVAILABLE: 4,
  /** The operation took longer than its deadline. */
  DEADLINE: 5,
  /** The run's host was killed, so there is no result. */
  RUN_LOST: 1,
  /** The caller cancelled the operation. */
  CANCELLED: 1,
  /** The messages after this cursor are no longer kept. */
  CURSOR_EXPIRED: 1,
  /** Another user could have written this file, directory or socket, so it isn't used. */
  UNSAFE_PATH: 1,
  /** The daemon can't be started or reached. */
  DAEMON_UNAVAILABLE: 1,
  /** The client didn't prove that it knows the token. */
  UNAUTHENTICATED: 1,
  /** Client and daemon have no protocol version in common. */
  PROTOCOL_MISMATCH: 1,
  /** The peer sent something that isn't a message of the protocol. */
  MALFORMED_MESSAGE: 1,
  /** The peer asked for a method that doesn't exist. */
  UNKNOWN_METHOD: 1,
  /** A defect in Devlatch. */
  INTERNAL: 1,
} as const satisfies Record<string, 1 | 2 | 3 | 4 | 5>;

export type ErrorCode = keyof typeof errorCodes;

/** The parts of an error that travel: on the wire, in a record, in `--json` output. */
export interface ErrorShape {
  readonly code: ErrorCode;
  /** What happened, to which thing. One sentence, no stack. */
  readonly message: string;
  /** What the reader can do next. */
  readonly remedy: string;
  /** Facts for programs: listeners on a port, surviving processes, differing settings. */
  readonly data?: unknown;
}

/** An error for people: what happened, to which thing, what to do next. */
export class DevlatchError extends Error implements ErrorShape {
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly data?: unknown;

  constructor(
    code: ErrorCode,
    message: string,
    remedy: string,
    options: { data?: unknown; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "DevlatchError";
    this.code = code;
    this.remedy = remedy;
    if (options.data !== undefined) this.data = options.data;
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(errorCodes, value);
}

/** Whether a thrown value carries one of our codes (and, if given, this one). */
export function hasCode(error: unknown, code?: ErrorCode): error is ErrorShape {
  if (typeof error !== "object" || error === null || !("code" in error) || !("remedy" in error)) return false;
  return code === undefined ? isErrorCode(error.code) : error.code === code;
}

/** The travelling form of any thrown value; what isn't ours becomes `INTERNAL`. */
export function toErrorShape(error: unknown): ErrorShape {
  if (hasCode(error)) {
    const { code, message, remedy, data } = error;
    return data === undefined ? { code, message, remedy } : { code, message, remedy, data };
  }
  return {
    code: "INTERNAL",
    message: error instanceof Error ? error.message : String(error),
    remedy:
      "This is a defect in Devlatch. Please report it with the daemon's log (devlatch doctor says where it is).",
  };
}

/** A throwable error from its travelling form. */
export function fromErrorShape(shape: ErrorShape): DevlatchError {
  return new DevlatchError(shape.code, shape.message, shape.remedy, { data: shape.data });
}
