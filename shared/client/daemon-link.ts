import { pause } from "../base/deadline.ts";
import type { Disposable } from "../base/disposable.ts";
import { Emitter } from "../base/emitter.ts";
import { hasCode } from "../base/errors.ts";
import type { MethodName, Notification, Params, Result } from "../protocol/methods.ts";
import type { RequestOptions } from "../rpc/request.ts";
import type { Connection } from "./connection.ts";

/** Times a request is sent again after the daemon was lost. */
const attempts = 5;
/** Pause before a daemon that was lost is tried again, in milliseconds. */
const retryMs = 200;

/** How connections are opened. */
export interface Way {
  /** To a daemon, which is started if none runs and the client may do that. @throws DevlatchError why there is none */
  ensure(signal: AbortSignal): Promise<Connection>;
  /** To one that runs. @throws DevlatchError `DAEMON_UNAVAILABLE` */
  connect(signal: AbortSignal): Promise<Connection>;
}

/**
 * The way to the daemon for as long as an agent is there. It is opened when something is asked for, and opened anew after
 * the daemon was lost: what tools ask for may be sent twice.
 */
export class DaemonLink implements Disposable {
  readonly #way: Way;
  readonly #told = new Emitter<Notification<"start/progress">>();
  readonly #ended = new AbortController();
  #connection: Promise<Connection> | undefined;

  constructor(way: Way) {
    this.#way = way;
  }

  /**
   * Sends a request; the daemon is started if none runs.
   * @throws DevlatchError what the daemon says; why there is none; the signal's reason
   */
  async request<M extends MethodName>(
    method: M,
    params: Params<M>,
    options: RequestOptions = {},
  ): Promise<Result<M>> {
    const signal = AbortSignal.any([this.#ended.signal, ...(options.signal ? [options.signal] : [])]);
    for (let attempt = 1; ; attempt++) {
      const opened = this.#open();
      try {
        return await (await opened).request(method, params, { ...options, signal });
      } catch (error) {
        if (!hasCode(error, "DAEMON_UNAVAILABLE") || signal.aborted || attempt === attempts) throw error;
        await this.#drop(opened);
        await pause(retryMs, signal);
      }
    }
  }

  /**
   * As {@link request}, where a daemon runs: to look is no reason to start one that a person stopped.
   * @returns undefined where none does
   */
  async requestIfRunning<M extends MethodName>(
    method: M,
    params: Params<M>,
    signal: AbortSignal,
  ): Promise<Result<M> | undefined> {
    const opened = this.#connection ?? this.#keep(this.#way.connect(this.#ended.signal));
    try {
      return await (await opened).request(method, params, { signal });
    } catch (error) {
      if (hasCode(error, "DAEMON_UNAVAILABLE")) return undefined;
      throw error;
    }
  }

  onNotification(
    _name: "start/progress",
    listener: (told: Notification<"start/progress">) => void,
  ): Disposable {
    return this.#told.event(listener);
  }

  dispose(): void {
    this.#ended.abort();
    const connection = this.#connection;
    if (connection) void this.#drop(connection);
    this.#told.dispose();
  }

  /** One for all that ask at once; what failed is tried again by the next. */
  #open(): Promise<Connection> {
    return this.#connection ?? this.#keep(this.#way.ensure(this.#ended.signal));
  }

  #keep(opening: Promise<Connection>): Promise<Connection> {
    this.#connection = opening;
    opening.then(
      (connection) => {
        connection.onNotification("start/progress", (told) => this.#told.fire(told));
        connection.onClosed(() => this.#forget(opening));
        if (connection.isOver) this.#forget(opening);
      },
      () => this.#forget(opening),
    );
    return opening;
  }

  #forget(opening: Promise<Connection>): void {
    if (this.#connection === opening) this.#connection = undefined;
  }

  async #drop(opening: Promise<Connection>): Promise<void> {
    this.#forget(opening);
    await opening.then(
      (connection) => connection.dispose(),
      () => {},
    );
  }
}
