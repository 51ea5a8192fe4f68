import type { ToolSender } from "../../shared/agents/caller.ts";
import { pause } from "../../shared/base/deadline.ts";
import type { Disposable } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import { hasCode } from "../../shared/base/errors.ts";
import type { Connection } from "../../shared/client/connection.ts";
import { connectToDaemon, type DaemonOptions, ensureDaemon } from "../../shared/client/daemon.ts";
import type { MethodName, Notification, Params, Result } from "../../shared/protocol/methods.ts";
import type { RequestOptions } from "../../shared/rpc/request.ts";

/** Times a request is sent again after the daemon was lost. */
const attempts = 5;
/** Pause before a daemon that was lost is tried again, in milliseconds. */
const retryMs = 200;

/**
 * The way to the daemon for as long as an agent is there. It is opened when something is asked for, and opened anew after
 * the daemon was lost: what tools ask for may be sent twice.
 */
export class DaemonLink implements ToolSender, Disposable {
  readonly #options: () => DaemonOptions;
  readonly #told = new Emitter<Notification<"start/progress">>();
  readonly #ended = new AbortController();
  #connection: Promise<Connection> | undefined;

  /** @param options who connects is known by the first request */
  constructor(options: () => DaemonOptions) {
    this.#options = options;
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
    const { program: _, ...options } = this.#options();
    const opened = this.#connection ?? this.#keep(connectToDaemon(options, this.#ended.signal));
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
    return this.#connection ?? this.#keep(ensureDaemon(this.#options(), this.#ended.signal));
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
