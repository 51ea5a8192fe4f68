import { CancellationTokenSource, type MessageConnection } from "vscode-jsonrpc/node";
import { runWithDeadline } from "../base/deadline.ts";
import type { Disposable } from "../base/disposable.ts";
import { Emitter } from "../base/emitter.ts";
import {
  type ClientNotification,
  type ClientNotificationName,
  type MethodName,
  methods,
  type Notification,
  type NotificationName,
  notifications,
  type Params,
  type Result,
} from "../protocol/contract.ts";
import { fromResponseError } from "../protocol/errors.ts";
import { connectionLost, isConnectionEnd, parseAnswer } from "./answers.ts";

/** How much longer than the daemon's own deadline a client waits for an answer, in milliseconds. */
const deadlineGraceMs = 2_000;

export interface RequestOptions {
  readonly signal?: AbortSignal;
  /** Gives up after this many milliseconds, if that is sooner than the method's own deadline. */
  readonly timeoutMs?: number;
}

/** An authenticated connection to the daemon. Requests and results are checked against the contract. */
export class Connection implements Disposable {
  readonly #rpc: MessageConnection;
  readonly #closed = new Emitter<void>();
  readonly onClosed = this.#closed.event;
  /** Identifies the daemon process; revisions of another epoch can't be compared. */
  readonly epoch: string;
  /** Build of the daemon. */
  readonly build: string;

  constructor(rpc: MessageConnection, daemon: { epoch: string; build: string }) {
    this.#rpc = rpc;
    this.epoch = daemon.epoch;
    this.build = daemon.build;
    rpc.onClose(() => {
      rpc.dispose();
      this.#closed.fire();
    });
  }

  /**
   * Sends a request and checks the answer.
   * @throws DevlatchError the daemon's error by its code; `DEADLINE`; `DAEMON_UNAVAILABLE` when the connection ends
   *   first; the signal's reason when it aborts (the daemon is told to stop working)
   */
  async request<M extends MethodName>(
    method: M,
    params: Params<M>,
    options: RequestOptions = {},
  ): Promise<Result<M>> {
    const contract = methods[method];
    const timeoutMs = Math.min(
      options.timeoutMs ?? Number.POSITIVE_INFINITY,
      contract.deadlineMs + deadlineGraceMs,
    );
    const answer = await runWithDeadline(
      timeoutMs,
      `The daemon's answer to ${method}`,
      (signal) => this.#send(method, params, signal),
      options.signal,
    );
    return parseAnswer<unknown>(method, contract.result.safeParse(answer)) as Result<M>;
  }

  async #send(method: string, params: object, signal: AbortSignal): Promise<unknown> {
    const cancellation = new CancellationTokenSource();
    const cancel = () => cancellation.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    const closed = this.#whenClosed();
    try {
      return await Promise.race([this.#rpc.sendRequest(method, params, cancellation.token), closed.promise]);
    } catch (error) {
      throw isConnectionEnd(error) ? connectionLost() : fromResponseError(error);
    } finally {
      closed.dispose();
      signal.removeEventListener("abort", cancel);
      cancellation.dispose();
    }
  }

  #whenClosed(): { promise: Promise<never> } & Disposable {
    let subscription: Disposable | undefined;
    const promise = new Promise<never>((_, reject) => {
      subscription = this.onClosed(() => reject(connectionLost()));
    });
    return { promise, dispose: () => subscription?.dispose() };
  }

  /**
   * Sends something that isn't answered, after everything sent before.
   * @throws DevlatchError `DAEMON_UNAVAILABLE` when the connection has ended
   */
  async notify<N extends ClientNotificationName>(name: N, value: ClientNotification<N>): Promise<void> {
    try {
      await this.#rpc.sendNotification(name, value);
    } catch {
      throw connectionLost();
    }
  }

  /** Subscribes to what the daemon sends unasked. Notifications that don't fit the contract are dropped. */
  onNotification<N extends NotificationName>(
    name: N,
    listener: (value: Notification<N>) => void,
  ): Disposable {
    return this.#rpc.onNotification(name, (value: unknown) => {
      const parsed = notifications[name].safeParse(value);
      if (parsed.success) listener(parsed.data as Notification<N>);
    });
  }

  dispose(): void {
    this.#rpc.end();
    this.#rpc.dispose();
    this.#closed.fire();
    this.#closed.dispose();
  }
}
