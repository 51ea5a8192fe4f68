import { pause } from "../../shared/base/deadline.ts";
import type { Disposable } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import { hasCode } from "../../shared/base/errors.ts";

/** As many are followed for one agent at once. */
const mostFollowed = 32;
/** Shortest time between two notices of one resource, in milliseconds: a flood is no flood of notices. */
const restMs = 1_000;
/** Pause where nothing can be read now, in milliseconds. */
const retryMs = 5_000;

/** Reads what follows a sequence, waiting for it; undefined where nothing can be read now. */
export type ReadOn = (cursor: number | undefined, signal: AbortSignal) => Promise<number | undefined>;

/** Notices when sessions write something, for agents that subscribed to their output. */
export class Following implements Disposable {
  readonly #followed = new Map<string, AbortController>();
  readonly #written = new Emitter<string>();

  /** The address of output that has grown. */
  readonly onWritten = this.#written.event;

  /** @returns false where too many are followed already */
  follow(uri: string, read: ReadOn): boolean {
    if (this.#followed.has(uri)) return true;
    if (this.#followed.size >= mostFollowed) return false;
    const ended = new AbortController();
    this.#followed.set(uri, ended);
    void this.#watch(uri, read, ended.signal).catch(() => {});
    return true;
  }

  leave(uri: string): void {
    this.#followed.get(uri)?.abort();
    this.#followed.delete(uri);
  }

  dispose(): void {
    for (const uri of [...this.#followed.keys()]) this.leave(uri);
    this.#written.dispose();
  }

  async #watch(uri: string, read: ReadOn, signal: AbortSignal): Promise<void> {
    let cursor: number | undefined;
    while (!signal.aborted) {
      const next = await read(cursor, signal).catch((error: unknown) => {
        if (signal.aborted) throw error;
        // What follows was dropped faster than it was read: it has grown all the same.
        return hasCode(error, "CURSOR_EXPIRED") ? Number.POSITIVE_INFINITY : undefined;
      });
      if (next === undefined) {
        await pause(retryMs, signal);
        continue;
      }
      const hasGrown = cursor !== undefined && next > cursor;
      cursor = Number.isFinite(next) ? next : undefined;
      if (!hasGrown) continue;
      this.#written.fire(uri);
      await pause(restMs, signal);
    }
  }
}
