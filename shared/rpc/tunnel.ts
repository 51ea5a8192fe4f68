import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageReader,
  type MessageWriter,
} from "vscode-jsonrpc/node";

/**
 * One end of a JSON-RPC connection whose messages travel inside another one. What is written goes to `send`; what the
 * other end sent is handed to {@link receive}.
 */
export class Tunnel implements Disposable {
  readonly reader: TunnelReader;
  readonly writer: TunnelWriter;

  /** @param send carries a message to the other end; it may throw when that can't be reached */
  constructor(send: (message: Message) => void) {
    this.reader = new TunnelReader();
    this.writer = new TunnelWriter(send);
  }

  receive(message: Message): void {
    this.reader.deliver(message);
  }

  /** Ends this end: its connection sees that the transport was closed, and can write no more. */
  dispose(): void {
    this.writer.end();
    this.reader.end();
  }
}

class TunnelReader extends AbstractMessageReader implements MessageReader {
  #callback: DataCallback | undefined;

  listen(callback: DataCallback): Disposable {
    this.#callback = callback;
    return { dispose: () => this.#stop() };
  }

  deliver(message: Message): void {
    this.#callback?.(message);
  }

  end(): void {
    this.#stop();
    this.fireClose();
  }

  #stop(): void {
    this.#callback = undefined;
  }
}

class TunnelWriter extends AbstractMessageWriter implements MessageWriter {
  #send: ((message: Message) => void) | undefined;

  constructor(send: (message: Message) => void) {
    super();
    this.#send = send;
  }

  async write(message: Message): Promise<void> {
    // A request that could never be answered fails at once.
    if (!this.#send) throw new Error("The tunnel is closed.");
    this.#send(message);
  }

  end(): void {
    this.#send = undefined;
  }
}
