import { pause } from "../../../shared/base/deadline.ts";
import { type Disposable, Scope } from "../../../shared/base/disposable.ts";
import { hasCode, toErrorShape } from "../../../shared/base/errors.ts";
import type { LiveClient } from "../../../shared/client/live-client.ts";
import type { Entry } from "./entries.ts";

/** More lines than a screen has rows. */
const mostLines = 300;
/** More of a line than a screen has columns. */
const mostOfLine = 1_000;
/** How long one request waits for something new, in milliseconds. */
const waitMs = 25_000;
/** Pause after a request that failed, in milliseconds. */
const retryMs = 1_000;

/** The last lines that one server wrote, for as long as they are looked at; outlives daemons. */
export class OutputTail implements Disposable {
  readonly entry: Entry;
  readonly #ended = new AbortController();
  readonly #scope = new Scope();
  #lines: readonly string[] = [];
  #cursor: number | undefined;

  /** @param onLines is called after each change of {@link lines} */
  constructor(client: LiveClient, entry: Entry, onLines: () => void) {
    this.entry = entry;
    this.#scope.defer(() => this.#ended.abort());
    void this.#follow(client, onLines);
  }

  /** Oldest first; what can't be read is said among them. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  dispose(): void {
    this.#scope.dispose();
  }

  async #follow(client: LiveClient, onLines: () => void): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      try {
        await this.#read(client, signal);
      } catch (error) {
        if (signal.aborted) return;
        // What came faster than it was read is of no use here: the last lines are.
        if (hasCode(error, "CURSOR_EXPIRED")) this.#cursor = undefined;
        else if (!hasCode(error, "DAEMON_UNAVAILABLE") && this.#cursor === undefined)
          this.#lines = [toErrorShape(error).message];
        await pause(retryMs, signal).catch(() => {});
      }
      if (!signal.aborted) onLines();
    }
  }

  async #read(client: LiveClient, signal: AbortSignal): Promise<void> {
    const { app, cwd } = this.entry;
    const place = this.#cursor === undefined ? {} : { cursor: this.#cursor, waitMs };
    const page = await client.request("session/logs", { cwd, app, limit: mostLines, ...place }, { signal });
    const known = this.#cursor === undefined ? [] : this.#lines;
    const came = page.messages.map(({ text }) => text.slice(0, mostOfLine));
    this.#cursor = page.next;
    this.#lines = [...known, ...came].slice(-mostLines);
  }
}
