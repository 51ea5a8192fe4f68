import { createMessageConnection, type MessageConnection } from "vscode-jsonrpc/node";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import type { Log } from "../../shared/base/log.ts";
import { randomToken } from "../../shared/base/token.ts";
import { build, version } from "../../shared/base/version.ts";
import {
  AuthenticateParams,
  type AuthenticateResult,
  type ClientInfo,
  HelloParams,
  type HelloResult,
} from "../../shared/protocol/handshake.ts";
import { clientNotifications } from "../../shared/protocol/methods.ts";
import { type Binding, isProof, proofOf } from "../../shared/protocol/proof.ts";
import { bindsProofs, commonVersion, protocolRange } from "../../shared/protocol/versions.ts";
import { answerRequests, deliver } from "../../shared/rpc/serving.ts";
import {
  closeMalformed,
  closeUnauthenticated,
  type Socket,
  SocketReader,
  SocketWriter,
} from "../../shared/rpc/transport.ts";
import type { Caller, Handlers, Listeners } from "../methods/handlers.ts";
import { dispatch } from "./dispatcher.ts";
import { lobbyLimits } from "./lobby.ts";

/** How long a client may take to prove itself, in milliseconds: less than the lobby waits, which says no word. */
const handshakeTimeoutMs = lobbyLimits.handshakeMs - 1_000;

export interface ConnectionOptions {
  readonly token: string;
  readonly epoch: string;
  readonly handlers: Handlers;
  readonly listeners: Listeners;
  readonly log: Log;
  /** Where this daemon listens, and which process it is: what proofs are bound to. */
  readonly binding: Binding;
}

/** What the server wants to know of one connection. */
export interface ConnectionEvents {
  /** The client proved that it knows the token. */
  readonly onProven: () => void;
}

type Phase =
  | { readonly kind: "greeting" }
  | { readonly kind: "proving"; readonly hello: HelloParams; readonly nonce: string }
  | { readonly kind: "open"; readonly client: ClientInfo; readonly version: number | undefined };

/** One client. Until it has proven itself, it can do nothing else, and not for long. */
export class ClientConnection implements Disposable {
  readonly #options: ConnectionOptions;
  readonly #onProven: () => void;
  readonly #socket: Socket;
  readonly #rpc: MessageConnection;
  readonly #scope = new Scope();
  readonly #closed = new Emitter<void>();
  readonly onClosed = this.#closed.event;
  #phase: Phase = { kind: "greeting" };

  constructor(socket: Socket, options: ConnectionOptions, { onProven }: ConnectionEvents) {
    this.#options = options;
    this.#onProven = onProven;
    this.#socket = socket;
    this.#rpc = createMessageConnection(new SocketReader(socket), new SocketWriter(socket));
    this.#rpc.onError(([error]) => options.log.debug({ err: error }, "connection error"));
    this.#rpc.onClose(() => this.dispose());
    answerRequests(
      this.#rpc,
      (method, params, signal) => this.#answer(method, params, signal),
      (method, error) => options.log.debug({ method, err: error }, "request failed"),
    );
    this.#rpc.onNotification((name, value) => this.#hear(name, value));
    this.#expireHandshake();
    this.#rpc.listen();
  }

  #expireHandshake(): void {
    const timer = setTimeout(() => {
      if (this.#phase.kind !== "open")
        this.#socket.close(closeUnauthenticated, "UNAUTHENTICATED: no handshake in time");
    }, handshakeTimeoutMs);
    timer.unref();
    this.#scope.defer(() => clearTimeout(timer));
  }

  async #answer(method: string, params: unknown, signal: AbortSignal): Promise<unknown> {
    if (method === "hello") return this.#hello(params);
    if (method === "authenticate") return this.#authenticate(params);
    return this.#dispatch(method, params, signal);
  }

  /** `capabilities` says nothing any more: a client of an earlier build refuses an answer without it. */
  #hello(params: unknown): HelloResult & { capabilities: readonly string[] } {
    const parsed = HelloParams.safeParse(params);
    if (this.#phase.kind !== "greeting" || !parsed.success) {
      this.#closeSoon(closeMalformed, "MALFORMED_MESSAGE: the first message must be a valid hello");
      throw unauthenticated("The connection's first message must be a valid hello.");
    }
    const nonce = randomToken();
    this.#phase = { kind: "proving", hello: parsed.data, nonce };
    const { token, binding } = this.#options;
    const proof = proofOf(token, "daemon", parsed.data.nonce, this.#bindingFor(parsed.data));
    return {
      protocol: protocolRange,
      build,
      capabilities: [],
      proof,
      nonce,
      daemon: { ...binding.server },
    };
  }

  /** A client of protocol 1 gets the proof of its time, and may then end this daemon, nothing else. */
  #bindingFor({ protocol }: HelloParams): Binding | undefined {
    return bindsProofs(protocol) ? this.#options.binding : undefined;
  }

  #authenticate(params: unknown): AuthenticateResult {
    const phase = this.#phase;
    const parsed = AuthenticateParams.safeParse(params);
    if (
      phase.kind !== "proving" ||
      !parsed.success ||
      !isProof(parsed.data.proof, this.#options.token, "client", phase.nonce, this.#bindingFor(phase.hello))
    ) {
      this.#closeSoon(closeUnauthenticated, "UNAUTHENTICATED");
      throw unauthenticated("The client doesn't know the token of this daemon.");
    }
    const common = commonVersion(protocolRange, phase.hello.protocol);
    this.#phase = { kind: "open", client: phase.hello.client, version: common };
    this.#onProven();
    this.#options.log.info({ client: phase.hello.client }, "client connected");
    return { version: common ?? 0, epoch: this.#options.epoch };
  }

  #closeSoon(code: number, reason: string): void {
    // After the answer has gone out.
    setImmediate(() => this.#socket.close(code, reason));
  }

  async #dispatch(method: string, params: unknown, signal: AbortSignal): Promise<unknown> {
    const phase = this.#phase;
    if (phase.kind !== "open") {
      this.#closeSoon(closeUnauthenticated, "UNAUTHENTICATED");
      throw unauthenticated(`${method} was asked before the client proved itself.`);
    }
    // A client of another protocol may still end this daemon, so that its own can take over.
    if (phase.version === undefined && method !== "daemon/stop") throw mismatch();
    return dispatch(this.#options.handlers, method, params, { ...this.#caller(phase.client), signal });
  }

  #hear(name: string, value: unknown): void {
    const phase = this.#phase;
    const { listeners, log } = this.#options;
    if (phase.kind !== "open" || phase.version === undefined) {
      log.debug({ name }, "notification before the handshake ignored");
      return;
    }
    const caller = this.#caller(phase.client);
    deliver(clientNotifications, listeners, { name, value, caller }, (why) =>
      log.debug({ name, err: why }, "notification dropped"),
    );
  }

  #caller(client: ClientInfo): Caller {
    return {
      client,
      scope: this.#scope,
      notify: (name, value) => {
        if (!this.#scope.disposed) this.#rpc.sendNotification(name, value).catch(() => this.dispose());
      },
      backlog: () => this.#socket.bufferedAmount,
    };
  }

  dispose(): void {
    if (this.#scope.disposed) return;
    this.#scope.dispose();
    this.#rpc.dispose();
    this.#socket.close(1001, "The daemon is ending this connection");
    this.#closed.fire();
    this.#closed.dispose();
  }
}

function unauthenticated(message: string): DevlatchError {
  return new DevlatchError(
    "UNAUTHENTICATED",
    message,
    "Use the same DEVLATCH_HOME and user as the daemon. If the token file was changed, run: devlatch daemon stop",
  );
}

function mismatch(): DevlatchError {
  return new DevlatchError(
    "PROTOCOL_MISMATCH",
    `This daemon (${version}) speaks protocol ${protocolRange.min} to ${protocolRange.max}; the client doesn't.`,
    "Stop it with: devlatch daemon stop (servers go on running). The next command starts the right one.",
  );
}
