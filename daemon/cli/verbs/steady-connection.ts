import { pause } from "../../../shared/base/deadline.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import type { Connection } from "../../../shared/client/connection.ts";
import type { MethodName, Params, Result } from "../../../shared/protocol/methods.ts";
import type { Context } from "../context.ts";

/** Times a request is sent again after the daemon was lost, without an answer in between. */
const attempts = 10;
/** Pause before a daemon that couldn't be reached is tried again, in milliseconds. */
const retryMs = 200;

/** A connection for requests that may be sent twice: where the daemon ends, the next one is started and asked. */
export class SteadyConnection {
  readonly #context: Context;
  #connection: Connection | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  /** @throws DevlatchError what the daemon says; `DAEMON_UNAVAILABLE` when none can be had; the signal's reason */
  async request<M extends MethodName>(method: M, params: Params<M>, signal: AbortSignal): Promise<Result<M>> {
    for (let attempt = 1; ; attempt++) {
      try {
        this.#connection ??= await this.#context.ensure();
        return await this.#connection.request(method, params, { signal });
      } catch (error) {
        if (signal.aborted || attempt === attempts || !hasCode(error, "DAEMON_UNAVAILABLE")) throw error;
        this.#connection?.dispose();
        this.#connection = undefined;
        await pause(retryMs, signal);
      }
    }
  }
}
