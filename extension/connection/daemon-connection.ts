import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import { hasCode } from "../../shared/base/errors.ts";
import { type Link, LiveClient } from "../../shared/client/live-client.ts";
import type { Snapshot } from "../../shared/model/snapshot.ts";
import type {
  ClientNotification,
  ClientNotificationName,
  MethodName,
  Notification,
  NotificationName,
  Params,
  Result,
} from "../../shared/protocol/contract.ts";
import type { RequestOptions } from "../../shared/rpc/request.ts";
import type { Reach } from "./reach.ts";
import { watchForDaemon } from "./watch-for-daemon.ts";

type AnyNotification = {
  [N in NotificationName]: { readonly name: N; readonly value: Notification<N> };
}[NotificationName];

/** What parts of the window listen to: all but the state, which has an event of its own. */
export type RelayedNotification = Exclude<NotificationName, "state/delta">;

const relayed: readonly RelayedNotification[] = [
  "start/progress",
  "terminal/data",
  "terminal/closed",
  "language/message",
];

/**
 * The window's one connection. It survives what a {@link LiveClient} doesn't: a changed trust and a wish to
 * reconnect now, which both replace the client. Subscribers stay subscribed; the last snapshot is kept.
 */
export class DaemonConnection implements Disposable {
  readonly #reach: Reach;
  readonly #scope = new Scope();
  readonly #linkChanged = this.#scope.add(new Emitter<Link>());
  readonly #snapshotChanged = this.#scope.add(new Emitter<Snapshot>());
  readonly #notified = this.#scope.add(new Emitter<AnyNotification>());
  #client: LiveClient;
  #snapshot: Snapshot | undefined;
  #watch: Disposable | undefined;

  readonly onLinkChanged = this.#linkChanged.event;
  readonly onSnapshotChanged = this.#snapshotChanged.event;

  constructor(reach: Reach) {
    this.#reach = reach;
    this.#client = this.#newClient();
  }

  get link(): Link {
    return this.#client.link;
  }

  /** The daemon's state as last heard, also while disconnected. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /**
   * Sends a request. While disconnected a trusted window first brings the daemon back.
   * @throws DevlatchError see `LiveClient.request`
   */
  async request<M extends MethodName>(
    method: M,
    params: Params<M>,
    options: RequestOptions = {},
  ): Promise<Result<M>> {
    if (this.link.kind === "disconnected") this.reconnect();
    return this.#client.request(method, params, options);
  }

  /** Sends something that isn't answered. @throws DevlatchError `DAEMON_UNAVAILABLE` while not connected */
  notify<N extends ClientNotificationName>(name: N, value: ClientNotification<N>): Promise<void> {
    return this.#client.notify(name, value);
  }

  onNotification<N extends RelayedNotification>(
    name: N,
    listener: (value: Notification<N>) => void,
  ): Disposable {
    return this.#notified.event((notified) => {
      if (notified.name === name) listener(notified.value as Notification<N>);
    });
  }

  /** Starts over at once; a trusted window starts the daemon if none runs. */
  reconnect(): void {
    if (this.#scope.disposed) return;
    this.#reach.allowLaunch();
    this.#replaceClient();
  }

  /**
   * Ends the daemon and starts another, on the store that this window is set to; servers go on running.
   * @throws DevlatchError see `Reach.stopDaemon`
   */
  async restartDaemon(): Promise<void> {
    await this.#reach.stopDaemon().catch((error: unknown) => {
      if (!hasCode(error, "DAEMON_UNAVAILABLE")) throw error;
    });
    this.reconnect();
  }

  /** Ends `owned` together with the connection. */
  own(owned: Disposable): void {
    this.#scope.add(owned);
  }

  dispose(): void {
    this.#watch?.dispose();
    this.#client.dispose();
    this.#scope.dispose();
  }

  #replaceClient(): void {
    this.#client.dispose();
    this.#client = this.#newClient();
    this.#onLink(this.#client, this.#client.link);
  }

  #newClient(): LiveClient {
    const client = new LiveClient((signal) => this.#reach.open(signal));
    client.onLinkChanged((link) => this.#onLink(client, link));
    client.onSnapshotChanged((snapshot) => {
      this.#snapshot = snapshot;
      this.#snapshotChanged.fire(snapshot);
    });
    for (const name of relayed) {
      client.onNotification(name, (value) => this.#notified.fire({ name, value } as AnyNotification));
    }
    return client;
  }

  #onLink(client: LiveClient, link: Link): void {
    if (client !== this.#client) return;
    this.#watch?.dispose();
    // The client's own retries back off to ten seconds; a daemon that another client starts is met at once.
    this.#watch =
      link.kind === "disconnected"
        ? watchForDaemon(this.#reach.home, () => this.#replaceClient())
        : undefined;
    this.#linkChanged.fire(link);
  }
}
