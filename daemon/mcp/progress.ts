import type { ServerContext } from "@modelcontextprotocol/server";
import type { Disposable } from "../../shared/base/disposable.ts";

/** How often a call that goes on says so, in milliseconds: clients that hear nothing give up. */
const everyMs = 10_000;

/** Tells a client how far its call is, where it wants to know. */
export class Progress implements Disposable {
  readonly #request: ServerContext["mcpReq"];
  readonly #timer: NodeJS.Timeout | undefined;
  #count = 0;
  #last = "";

  constructor(request: ServerContext["mcpReq"]) {
    this.#request = request;
    if (request._meta?.progressToken !== undefined)
      this.#timer = setInterval(() => this.#send(this.#last), everyMs).unref();
  }

  readonly tell = (message: string): void => {
    if (message !== this.#last) this.#send(message);
    this.#last = message;
  };

  dispose(): void {
    clearInterval(this.#timer);
  }

  #send(message: string): void {
    const { _meta, notify, signal } = this.#request;
    const progressToken = _meta?.progressToken;
    if (progressToken === undefined || signal.aborted) return;
    const params = { progressToken, progress: ++this.#count, message };
    // A client that is gone needs none.
    notify({ method: "notifications/progress", params }).catch(() => {});
  }
}
