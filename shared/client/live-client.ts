import { pause } from "../base/deadline.ts";
import { type Disposable, Scope } from "../base/disposable.ts";
import { Emitter } from "../base/emitter.ts";
import { DevlatchError, type ErrorShape, fromErrorShape, toErrorShape } from "../base/errors.ts";
import { applyDelta, type Delta, type Snapshot } from "../model/snapshot.ts";
import type {
  ClientNotification,
  ClientNotificationName,
  MethodName,
  Notification,
  NotificationName,
  Params,
  Result,
} from "../protocol/contract.ts";
import type { RequestOptions } from "../rpc/request.ts";
import type { Connection } from "./connection.ts";

/** Whether the daemon is reached, and if not, why. */
export type Link =
  | { readonly kind: "connecting" }
  | { readonly kind: "connected" }
  | { readonly kind: "disconnected"; readonly error: ErrorShape };

/** What listeners get; deltas of the state are the mirror's own matter. */
const relayed = ["start/progress", "terminal/data", "terminal/closed", "language/message"] as const;

const firstRetryMs = 100;
const longestRetryMs = 10_000;

/**
 * A client that stays: it keeps one connection alive, mirrors the daemon's snapshot by deltas, and after a
 * reconnect asks for what it missed. The mirror keeps its last snapshot while disconnected.
 */
export class LiveClient implements Disposable {
  readonly #open: (signal: AbortSignal) => Promise<Connection>;
  readonly #ended = new AbortController();
  readonly #linkChanged = new Emitter<Link>();
  readonly #snapshotChanged = new Emitter<Snapshot>();
  readonly #notified = new Emitter<{ name: NotificationName; value: unknown }>();
  #connection: Connection | undefined;
  #link: Link = { kind: "connecting" };
  #snapshot: Snapshot | undefined;
  /** Deltas that overtook the snapshot they build on. */
  readonly #early: Delta[] = [];
  #synchronising = false;

  readonly onLinkChanged = this.#linkChanged.event;
  readonly onSnapshotChanged = this.#snapshotChanged.event;

  /** @param open connects (and starts the daemon if need be); called again after every loss */
  constructor(open: (signal: AbortSignal) => Promise<Connection>) {
    this.#open = open;
    void this.#stayConnected();
  }

  get link(): Link {
    return this.#link;
  }

  /** The daemon's state as last heard; undefined until the first snapshot. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /**
   * Sends a request over the current connection, waiting for one if need be (as long as the request may take).
   * @throws DevlatchError see {@link Connection.request}; `DAEMON_UNAVAILABLE` while disconnected
   */
  async request<M extends MethodName>(
    method: M,
    params: Params<M>,
    options: RequestOptions = {},
  ): Promise<Result<M>> {
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

  onNotification<N extends NotificationName>(
    name: N,
    listener: (value: Notification<N>) => void,
  ): Disposable {
    return this.#notified.event((notified) => {
      if (notified.name === name) listener(notified.value as Notification<N>);
    });
  }

  dispose(): void {
    this.#ended.abort(new DevlatchError("CANCELLED", "The client was closed.", "Nothing to do."));
    this.#connection?.dispose();
    this.#linkChanged.dispose();
    this.#snapshotChanged.dispose();
    this.#notified.dispose();
  }

  async #stayConnected(): Promise<void> {
    let retryMs = firstRetryMs;
    while (!this.#ended.signal.aborted) {
      try {
        const connection = await this.#open(this.#ended.signal);
        retryMs = firstRetryMs;
        await this.#serve(connection);
      } catch (error) {
        if (this.#ended.signal.aborted) return;
        this.#setLink({ kind: "disconnected", error: toErrorShape(error) });
      }
      await pause(retryMs * (0.5 + Math.random() / 2), this.#ended.signal).catch(() => {});
      retryMs = Math.min(retryMs * 2, longestRetryMs);
    }
  }

  /** Uses a connection until it ends. */
  async #serve(connection: Connection): Promise<void> {
    const scope = new Scope();
    scope.add(connection);
    this.#early.length = 0;
    try {
      const closed = new Promise<void>((resolve) => scope.add(connection.onClosed(() => resolve())));
      scope.add(connection.onNotification("state/delta", (delta) => this.#receive(delta, connection)));
      for (const name of relayed) {
        scope.add(connection.onNotification(name, (value) => this.#notified.fire({ name, value })));
      }
      await this.#synchronise(connection);
      this.#connection = connection;
      this.#setLink({ kind: "connected" });
      await closed;
    } finally {
      this.#connection = undefined;
      scope.dispose();
    }
    if (!this.#ended.signal.aborted) this.#setLink({ kind: "connecting" });
  }

  async #synchronise(connection: Connection): Promise<void> {
    const mirror = this.#snapshot;
    const known = mirror && mirror.epoch === connection.epoch;
    this.#synchronising = true;
    const answer = await connection.request(
      "state/subscribe",
      known ? { since: { epoch: mirror.epoch, revision: mirror.revision } } : {},
      { signal: this.#ended.signal },
    );
    this.#synchronising = false;
    if (answer.kind === "snapshot") this.#setSnapshot(answer.snapshot);
    else for (const delta of answer.deltas) this.#receive(delta, connection);
    for (const delta of this.#early.splice(0)) this.#receive(delta, connection);
  }

  #receive(delta: Delta, connection: Connection): void {
    if (this.#synchronising) {
      this.#early.push(delta);
      return;
    }
    const mirror = this.#snapshot;
    if (!mirror || delta.revision <= mirror.revision) return;
    if (delta.revision === mirror.revision + 1) {
      this.#setSnapshot(applyDelta(mirror, delta));
      return;
    }
    // A gap means a defect on one side; starting over with a snapshot is always right.
    this.#snapshot = undefined;
    this.#synchronise(connection).catch(() => connection.dispose());
  }

  #setSnapshot(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#snapshotChanged.fire(snapshot);
  }

  #setLink(link: Link): void {
    this.#link = link;
    this.#linkChanged.fire(link);
  }

  /** The next working connection; fails as soon as an attempt to connect does. */
  #nextConnection(signal?: AbortSignal): Promise<Connection> {
    if (this.#link.kind === "disconnected") return Promise.reject(fromErrorShape(this.#link.error));
    return new Promise((resolve, reject) => {
      const scope = new Scope();
      const settle = (settleWith: () => void) => {
        scope.dispose();
        settleWith();
      };
      const check = (link: Link) => {
        const connection = this.#connection;
        if (connection) settle(() => resolve(connection));
        else if (link.kind === "disconnected") settle(() => reject(fromErrorShape(link.error)));
      };
      const abort = () => settle(() => reject(signal?.reason ?? this.#ended.signal.reason));
      scope.add(this.onLinkChanged(check));
      for (const one of [signal, this.#ended.signal]) {
        one?.addEventListener("abort", abort, { once: true });
        scope.defer(() => one?.removeEventListener("abort", abort));
      }
    });
  }
}

function notConnected(): DevlatchError {
  return new DevlatchError("DAEMON_UNAVAILABLE", "The daemon isn't connected.", "Wait until it is.");
}
