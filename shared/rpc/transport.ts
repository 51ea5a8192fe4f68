import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageReader,
  type MessageWriter,
} from "vscode-jsonrpc/node";

/** The part of a WebSocket both sides use; `ws` and the browser's own fit it. */
export interface Socket {
  send(data: string, done: (error?: Error | null) => void): void;
  close(code?: number, reason?: string): void;
  /** Bytes given to `send` that the other side's system hasn't taken yet. */
  readonly bufferedAmount: number;
  on(event: "message", listener: (data: { toString(): string }, isBinary: boolean) => void): unknown;
  on(event: "close", listener: (code: number, reason: { toString(): string }) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** Largest message either side accepts, in bytes. */
export const maxMessageBytes = 16 * 1024 * 1024;

/** Close code for something that isn't a message of the protocol (RFC 6455, 7.4.1: protocol error). */
export const closeMalformed = 1002;
/** Close code for a peer that failed to authenticate (RFC 6455: policy violation). */
export const closeUnauthenticated = 1008;

/** One JSON-RPC message per text frame. */
export class SocketReader extends AbstractMessageReader implements MessageReader {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on("error", (error) => this.fireError(error));
    socket.on("close", () => this.fireClose());
  }

  listen(callback: DataCallback): Disposable {
    this.#socket.on("message", (data, isBinary) => {
      const message = isBinary ? undefined : parse(data.toString());
      if (message) callback(message);
      else
        this.#socket.close(
          closeMalformed,
          "MALFORMED_MESSAGE: expected one JSON-RPC 2.0 message per text frame",
        );
    });
    return { dispose: () => this.#socket.close(1000) };
  }
}

/** One JSON-RPC message per text frame. */
export class SocketWriter extends AbstractMessageWriter implements MessageWriter {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
  }

  write(message: Message): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(JSON.stringify(message), (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Says goodbye: without this a disposed connection would stay open. */
  end(): void {
    this.#socket.close(1000);
  }
}

function parse(text: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isMessage(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a value says of itself that it is a message of JSON-RPC 2.0. */
export function isMessage(value: unknown): value is Message {
  return typeof value === "object" && value !== null && "jsonrpc" in value && value.jsonrpc === "2.0";
}
