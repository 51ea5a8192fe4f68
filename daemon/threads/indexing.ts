import type { Disposable } from "../../shared/base/disposable.ts";

/** Time from output to its entry into the index, in milliseconds, where the writer has nothing better to do. */
const lookEveryMs = 500;
/** The same while something is left from before. */
const catchUpMs = 25;
/** Text written between two looks, in UTF-16 code units, above which indexing waits: output comes first. */
const floodLength = 2 * 1024 * 1024;
/** Slices done at the end, when no more writes do it for a while. */
const lastSlices = 4;

/**
 * When words are indexed: a moment after they were written, in slices between which output gets its turn, and not while
 * it comes in floods. What isn't indexed yet is read by each search.
 */
export class Indexing implements Disposable {
  readonly #step: () => boolean;
  #timer: NodeJS.Timeout | undefined;
  #written = 0;

  /** @param step indexes a slice and says whether something is left; may throw, and is then tried again later */
  constructor(step: () => boolean) {
    this.#step = step;
  }

  /** @param length text that was just written, in UTF-16 code units */
  wrote(length: number): void {
    this.#written += length;
    this.#timer ??= setTimeout(() => this.#look(), lookEveryMs).unref();
  }

  #look(): void {
    const isFlood = this.#written > floodLength;
    this.#written = 0;
    this.#timer = undefined;
    if (isFlood) this.#again(lookEveryMs);
    else if (this.#tryStep()) this.#again(catchUpMs);
  }

  #again(afterMs: number): void {
    this.#timer = setTimeout(() => this.#look(), afterMs).unref();
  }

  /** A file that can't be written is the writer's to notice; the index catches up after its next success. */
  #tryStep(): boolean {
    try {
      return this.#step();
    } catch {
      return false;
    }
  }

  /** Indexes a little more, and no longer after that. */
  dispose(): void {
    clearTimeout(this.#timer);
    for (let slice = 0; slice < lastSlices && this.#tryStep(); slice++);
  }
}
