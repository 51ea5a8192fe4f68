import type { Disposable } from "../base/disposable.ts";
import { Emitter } from "../base/emitter.ts";
import type { Api, NameOf, Notified, ParamsOf, ResultOf, ValueOf } from "./api.ts";
import type { Contract } from "./contract.ts";
import { hear, listenTo } from "./notified.ts";
import { type Channel, type RequestOptions, request, requestBelieved } from "./request.ts";

/** The calling end of a connection. Results and notifications are what the tables of `A` say: see {@link Contract}. */
export class RpcClient<A extends Api> implements Disposable {
  readonly #channel: Channel;
  readonly #contract: Contract<A>;
  readonly #notified = new Emitter<Notified<A["notifications"]>>();
  readonly #closed = new Emitter<void>();
  #over = false;

  /** What the serving end says unasked; what doesn't fit its table is dropped. */
  readonly onNotified = this.#notified.event;
  /** The connection is over, for whatever reason. Fires once, also for `dispose`. */
  readonly onClosed = this.#closed.event;

  /** Takes the connection over; nothing is lost if it listens from this turn of the event loop on. */
  constructor(channel: Channel, contract: Contract<A>) {
    this.#channel = channel;
    this.#contract = contract;
    const { rpc } = channel;
    rpc.onError(() => this.dispose());
    rpc.onClose(() => this.dispose());
    rpc.onNotification((name, value) => this.#hear(name, value));
  }

  /** Whether the connection is over: `onClosed` may have fired before it was listened to. */
  get isOver(): boolean {
    return this.#over;
  }

  /** Sends a request; its answer is what the contract says. @throws DevlatchError see {@link request} */
  request<M extends NameOf<A["methods"]>>(
    method: M,
    params: ParamsOf<A["methods"], M>,
    options?: RequestOptions,
  ): Promise<ResultOf<A["methods"], M>> {
    const contract = this.#contract;
    if (contract.kind === "believed") {
      const load = async (): Promise<A["methods"]> => (await contract.load()).methods;
      return requestBelieved(this.#channel, load, method, params, options);
    }
    const methods: A["methods"] = contract.api.methods;
    return request(this.#channel, methods, method, params, options);
  }

  /**
   * Sends something that isn't answered, after everything sent before.
   * @throws DevlatchError why nothing can be sent, when the connection has ended
   */
  async notify<N extends NameOf<A["clientNotifications"]>>(
    name: N,
    value: ValueOf<A["clientNotifications"], N>,
  ): Promise<void> {
    try {
      await this.#channel.rpc.sendNotification(name, value);
    } catch {
      throw this.#channel.server.lost();
    }
  }

  onNotification<N extends NameOf<A["notifications"]>>(
    name: N,
    listener: (value: ValueOf<A["notifications"], N>) => void,
  ): Disposable {
    return listenTo(this.onNotified, name, listener);
  }

  dispose(): void {
    if (this.#over) return;
    this.#over = true;
    const { rpc } = this.#channel;
    rpc.end();
    // Rejects what is outstanding; a closed connection by itself doesn't.
    rpc.dispose();
    this.#notified.dispose();
    // Later: the caller that disposes isn't called back in the middle of what it does.
    queueMicrotask(() => {
      this.#closed.fire();
      this.#closed.dispose();
    });
  }

  #hear(name: string, value: unknown): void {
    if (this.#contract.kind === "believed") {
      this.#notified.fire({ name, value } as Notified<A["notifications"]>);
      return;
    }
    const notifications: A["notifications"] = this.#contract.api.notifications;
    const heard = hear(notifications, name, value);
    if (heard.kind === "fits") this.#notified.fire(heard.notified);
  }
}
