import { createConnection, type Socket } from "node:net";
import type { MessageConnection } from "vscode-jsonrpc/node";
import type * as z from "zod";
import { abortable, runWithDeadline } from "../../shared/base/deadline.ts";
import type { Disposable } from "../../shared/base/disposable.ts";
import { Emitter, type Event } from "../../shared/base/emitter.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { socketPathIn } from "../../shared/client/home.ts";
import type { Exit } from "../../shared/model/session.ts";
import { fromResponseError } from "../../shared/protocol/errors.ts";
import { connectMessages } from "../host/framing.ts";
import {
  type HostDescription,
  type HostMethod,
  type HostStopResult,
  hostMethods,
  hostNotifications,
  hostSocket,
  type Params,
  type Result,
} from "../host/protocol.ts";

/** How long a host may take to accept a connection, and to answer, in milliseconds. */
const connectTimeoutMs = 3_000;
const answerTimeoutMs = 5_000;
/** What a stop may take beyond the time its processes are given: SIGKILL, three scans, the record. */
const stopMarginMs = 20_000;

/** A connection to the host of one session. */
export interface HostConnection extends Disposable {
  describe(signal?: AbortSignal): Promise<HostDescription>;
  /**
   * Ends the session's tree.
   * @param timeoutMs what its processes get before SIGKILL, in milliseconds
   */
  stop(params: { signal: string; timeoutMs: number }, signal?: AbortSignal): Promise<HostStopResult>;
  /** The environment the command was given. */
  environment(signal?: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** Adds an event to the session's thread. */
  note(text: string, signal?: AbortSignal): Promise<void>;
  /** Starts `onOutput`. @returns the raw output so far */
  attach(signal?: AbortSignal): Promise<{ scrollback: Buffer }>;
  input(data: string, signal?: AbortSignal): Promise<void>;
  resize(columns: number, rows: number, signal?: AbortSignal): Promise<void>;
  /** Raw output from `attach` on. */
  readonly onOutput: Event<Buffer>;
  /** This viewer was too slow and gets no more output; `attach` again. Carries the reason. */
  readonly onDropped: Event<string>;
  /** The thread has messages up to this sequence. */
  readonly onWrote: Event<number>;
  /** The session is over and recorded; the next host may be started. */
  readonly onExited: Event<Exit>;
  /** The connection is over, for whatever reason. Fires once, also after `dispose`. */
  readonly onClosed: Event<void>;
}

/**
 * Connects to the host of the session in `directory`.
 * @throws DevlatchError `HOST_FAILED` when nothing listens there; `DEADLINE`, or the signal's reason
 */
export async function connectHost(
  directory: string,
  options: { signal?: AbortSignal } = {},
): Promise<HostConnection> {
  const socket = createConnection(socketPathIn(directory, hostSocket));
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
  return new Connection(socket, directory);
}

/**
 * Tells when the thread of the session in `directory` grows. It ends with the session, so that its host waits for nobody.
 * @throws as {@link connectHost}
 */
export async function hostGrowth(
  directory: string,
  signal: AbortSignal,
): Promise<Pick<HostConnection, "onWrote" | "onClosed" | "dispose">> {
  const connection = await connectHost(directory, { signal });
  connection.onExited(() => connection.dispose());
  return connection;
}

class Connection implements HostConnection {
  readonly #connection: MessageConnection;
  readonly #socket: Socket;
  readonly #directory: string;
  readonly #over = new AbortController();
  readonly #output = new Emitter<Buffer>();
  readonly #dropped = new Emitter<string>();
  readonly #wrote = new Emitter<number>();
  readonly #exited = new Emitter<Exit>();
  readonly #closed = new Emitter<void>();
  readonly onOutput = this.#output.event;
  readonly onDropped = this.#dropped.event;
  readonly onWrote = this.#wrote.event;
  readonly onExited = this.#exited.event;
  readonly onClosed = this.#closed.event;

  constructor(socket: Socket, directory: string) {
    this.#socket = socket;
    this.#connection = connectMessages(socket);
    this.#connection.onError(() => socket.destroy());
    socket.on("error", () => socket.destroy());
    this.#directory = directory;
    socket.once("close", () => {
      this.#connection.dispose();
      this.#over.abort(unreachable(directory));
      this.#closed.fire();
    });
    this.#listen();
  }

  describe(signal?: AbortSignal): Promise<HostDescription> {
    return this.#request("describe", {}, answerTimeoutMs, signal);
  }

  stop(params: { signal: string; timeoutMs: number }, signal?: AbortSignal): Promise<HostStopResult> {
    return this.#request("stop", params, params.timeoutMs + stopMarginMs, signal);
  }

  async environment(signal?: AbortSignal): Promise<Readonly<Record<string, string>>> {
    return (await this.#request("environment", {}, answerTimeoutMs, signal)).env;
  }

  async note(text: string, signal?: AbortSignal): Promise<void> {
    await this.#request("note", { text }, answerTimeoutMs, signal);
  }

  async attach(signal?: AbortSignal): Promise<{ scrollback: Buffer }> {
    const { scrollback } = await this.#request("attach", {}, answerTimeoutMs, signal);
    return { scrollback: Buffer.from(scrollback, "base64") };
  }

  async input(data: string, signal?: AbortSignal): Promise<void> {
    await this.#request("input", { data }, answerTimeoutMs, signal);
  }

  async resize(columns: number, rows: number, signal?: AbortSignal): Promise<void> {
    await this.#request("resize", { columns, rows }, answerTimeoutMs, signal);
  }

  dispose(): void {
    // At once, not when the socket says so: a request made meanwhile would fail with the stream's own words.
    this.#over.abort(unreachable(this.#directory));
    this.#socket.destroy();
  }

  async #request<M extends HostMethod>(
    method: M,
    params: Params<M>,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Result<M>> {
    const over = this.#over.signal;
    over.throwIfAborted();
    const what = `The session host's answer to ${method}`;
    try {
      const answer = await runWithDeadline(
        timeoutMs,
        what,
        () => abortable(this.#connection.sendRequest<unknown>(method, params), over),
        signal,
      );
      return hostMethods[method].result.parse(answer) as Result<M>;
    } catch (error) {
      // A request cut off by the end of the connection: the connection's end is the cause to tell.
      throw over.aborted && !signal?.aborted ? over.reason : fromResponseError(error);
    }
  }

  #listen(): void {
    this.#on("output", ({ data }) => this.#output.fire(Buffer.from(data, "base64")));
    this.#on("dropped", ({ reason }) => this.#dropped.fire(reason));
    this.#on("wrote", ({ seq }) => this.#wrote.fire(seq));
    this.#on("exited", ({ exit }) => this.#exited.fire(exit));
    this.#connection.listen();
  }

  #on<N extends keyof typeof hostNotifications>(
    name: N,
    take: (params: z.output<(typeof hostNotifications)[N]>) => void,
  ): void {
    const schema: z.ZodType<z.output<(typeof hostNotifications)[N]>> = hostNotifications[name] as never;
    this.#connection.onNotification(name, (given: unknown) => {
      const params = schema.safeParse(given);
      if (params.success) take(params.data);
    });
  }
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
