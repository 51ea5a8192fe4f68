import { abortable, pause } from "../base/deadline.ts";
import { type Disposable, Scope } from "../base/disposable.ts";
import { Emitter } from "../base/emitter.ts";
import { DevlatchError, type ErrorShape, fromErrorShape, toErrorShape } from "../base/errors.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type {
  ClientNotification,
  ClientNotificationName,
  MethodName,
  Notification,
  NotificationName,
  notifications,
  Params,
  Result,
} from "../protocol/methods.ts";
import type { Notified } from "../rpc/api.ts";
import { listenTo } from "../rpc/notified.ts";
import type { RequestOptions } from "../rpc/request.ts";
import type { Connection } from "./connection.ts";
import { Mirror } from "./mirror.ts";

/** Whether the daemon is reached, and if not, why. */
export type Link =
  | { readonly kind: "connecting" }
  | { readonly kind: "connected" }
  | { readonly kind: "disconnected"; readonly error: ErrorShape };

/** How a live client reaches its daemon. */
export interface DaemonReach {
  /**
   * Connects, and starts the daemon if need be; called again after every loss.
   * @param wanted whether a connection was asked for, by making the client or by `reconnect`, and none stood since;
   *   else the client only comes back by itself
   */
  open(signal: AbortSignal, wanted: boolean): Promise<Connection>;
  /** Calls back when a daemon appears: it is met at once, while pauses between attempts grow to ten seconds. */
  watch?(onAppeared: () => void): Disposable;
}

const firstRetryMs = 100;
const longestRetryMs = 10_000;

/**
 * A client that stays: it keeps one connection alive, mirrors the daemon's snapshot by deltas, and after a reconnect
 * asks for what it missed. Subscribers stay subscribed, and the last snapshot is kept while disconnected.
 */
export class LiveClient implements Disposable {
  readonly #reach: DaemonReach;
  readonly #ended = new AbortController();
  readonly #scope = new Scope();
  readonly #linkChanged = this.#scope.add(new Emitter<Link>());
  readonly #mirror = this.#scope.add(new Mirror());
  readonly #notified = this.#scope.add(new Emitter<Notified<typeof notifications>>());
  /** Aborted to give up the present connection, attempt or pause, and to begin anew at once. */
  #turn = new AbortController();
  #wanted = true;
  #watch: Disposable | undefined;
  #connection: Connection | undefined;
  #link: Link = { kind: "connecting" };

  readonly onLinkChanged = this.#linkChanged.event;
  readonly onSnapshotChanged = this.#mirror.onChanged;

  constructor(reach: DaemonReach) {
    this.#reach = reach;
    void this.#stayConnected();
  }

  get link(): Link {
    return this.#link;
  }

  /** The daemon's state as last heard; undefined until the first snapshot. */
  get snapshot(): Snapshot | undefined {
    return this.#mirror.snapshot;
  }

  /**
   * Sends a request over the current connection, or the next one. While disconnected it first reconnects.
   * @throws DevlatchError see {@link Connection.request}; why there is no connection; `CANCELLED` after disposal
   */
  async request<M extends MethodName>(
    method: M,
    params: Params<M>,
    options: RequestOptions = {},
  ): Promise<Result<M>> {
    this.#ended.signal.throwIfAborted();
    if (this.#link.kind === "disconnected") this.reconnect();
    const connection = this.#connection ?? (await this.#nextConnection(options.signal));
    return connection.request(method, params, options);
  }

  /**
   * Sends something that isn't answered, over the current connection only: what it belongs to ends with that.
   * @throws DevlatchError `DAEMON_UNAVAILABLE` while not connected
   */
  async notify<N extends ClientNotificationName>(name: N, value: ClientNotification<N>): Promise<void> {
    if (!this.#connection) throw notConnected();
    await this.#connection.notify(name, value);
  }

  /** Listens over all connections. Deltas of the state are the mirror's own matter. */
  onNotification<N extends Exclude<NotificationName, "state/delta">>(
    name: N,
    listener: (value: Notification<N>) => void,
  ): Disposable {
    return listenTo(this.#notified.event, name, listener);
  }

  /** Starts over at once, because it is wanted. */
  reconnect(): void {
    this.#wanted = true;
    this.#startOver();
  }

  dispose(): void {
    this.#ended.abort(new DevlatchError("CANCELLED", "The client was closed.", "Nothing to do."));
    this.#watch?.dispose();
    this.#scope.dispose();
  }

  #startOver(): void {
    if (this.#ended.signal.aborted) return;
    this.#turn.abort(new DevlatchError("CANCELLED", "The client connects anew.", "Nothing to do."));
    this.#connection = undefined;
    this.#setLink({ kind: "connecting" });
  }

  async #stayConnected(): Promise<void> {
    let retryMs = firstRetryMs;
    while (!this.#ended.signal.aborted) {
      this.#turn = new AbortController();
      const signal = AbortSignal.any([this.#ended.signal, this.#turn.signal]);
      try {
        const connection = await this.#reach.open(signal, this.#wanted);
        retryMs = firstRetryMs;
        await this.#serve(connection, signal);
        this.#setLink({ kind: "connecting" });
      } catch (error) {
        if (!signal.aborted) this.#setLink({ kind: "disconnected", error: toErrorShape(error) });
      }
      await pause(retryMs * (0.5 + Math.random() / 2), signal).catch(() => {});
      retryMs = signal.aborted ? firstRetryMs : Math.min(retryMs * 2, longestRetryMs);
    }
  }

  /** Uses a connection until it ends. @throws the signal's reason */
  async #serve(connection: Connection, signal: AbortSignal): Promise<void> {
    try {
      signal.throwIfAborted();
      this.#wanted = false;
      const closed = new Promise<void>((resolve) => connection.onClosed(resolve));
      connection.onNotified((notified) => this.#notified.fire(notified));
      await this.#mirror.follow(connection, signal);
      signal.throwIfAborted();
      this.#connection = connection;
      this.#setLink({ kind: "connected" });
      await abortable(closed, signal);
    } finally {
      this.#connection = undefined;
      connection.dispose();
    }
  }

  #setLink(link: Link): void {
    this.#link = link;
    this.#watch?.dispose();
    this.#watch = link.kind === "disconnected" ? this.#reach.watch?.(() => this.#startOver()) : undefined;
    this.#linkChanged.fire(link);
  }

  /** The next working connection; fails as soon as an attempt to connect does. */
  async #nextConnection(signal: AbortSignal = this.#ended.signal): Promise<Connection> {
    const next = Promise.withResolvers<Connection>();
    const subscription = this.onLinkChanged((link) => {
      if (this.#connection) next.resolve(this.#connection);
      else if (link.kind === "disconnected") next.reject(fromErrorShape(link.error));
    });
    try {
      return await abortable(next.promise, AbortSignal.any([signal, this.#ended.signal]));
    } finally {
      subscription.dispose();
    }
  }
}

function notConnected(): DevlatchError {
  return new DevlatchError("DAEMON_UNAVAILABLE", "The daemon isn't connected.", "Wait until it is.");
}
