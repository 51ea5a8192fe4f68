import { pause } from "../../../shared/base/deadline.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import type { Connection } from "../../../shared/client/connection.ts";
import type { MethodName, Params, Result } from "../../../shared/protocol/methods.ts";
import type { Context } from "../context.ts";

/** Times a request is sent again after the daemon was lost, without an answer in between. */
const attempts = 10;
/** Pause before a daemon that couldn't be reached is tried again, in milliseconds. */
const retryMs = 200;

/** A request, and what is done with the notifications that come while it is answered. */
type Listened = { readonly token: string; readonly tell: (message: string) => void };

/** A connection for requests that may be sent twice: where the daemon ends, the next one is started and asked. */
export class SteadyConnection {
  readonly #context: Context;
  #connection: Connection | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  /**
   * @param listened told how far a start has come
   * @throws DevlatchError what the daemon says; `DAEMON_UNAVAILABLE` when none can be had; the signal's reason
   */
  async request<M extends MethodName>(
    method: M,
    params: Params<M>,
    signal: AbortSignal,
    listened?: Listened,
  ): Promise<Result<M>> {
    for (let attempt = 1; ; attempt++) {
      try {
        this.#connection ??= await this.#context.ensure();
        return await ask(this.#connection, method, params, signal, listened);
      } catch (error) {
        if (signal.aborted || attempt === attempts || !hasCode(error, "DAEMON_UNAVAILABLE")) throw error;
        this.#connection?.dispose();
        this.#connection = undefined;
        await pause(retryMs, signal);
      }
    }
  }
}

async function ask<M extends MethodName>(
  connection: Connection,
  method: M,
  params: Params<M>,
  signal: AbortSignal,
  listened: Listened | undefined,
): Promise<Result<M>> {
  const subscription = connection.onNotification("start/progress", ({ progressToken, message }) => {
    if (progressToken === listened?.token) listened.tell(message);
  });
  try {
    return await connection.request(method, params, { signal });
  } finally {
    subscription.dispose();
  }
}
