import { abortable } from "../../shared/base/deadline.ts";

/** Callers that wait for the same thing: one at a time is at the head, in the order they came. */
export class Line {
  #tail: Promise<void> = Promise.resolve();

  /**
   * Runs `work` at the head of the line.
   * @throws the signal's reason when it aborts before
   */
  async atHead<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#tail;
    const left = Promise.withResolvers<void>();
    // Who leaves early lets the next one pass only when its own turn has come.
    this.#tail = before.then(() => left.promise);
    try {
      await abortable(before, signal);
      return await work();
    } finally {
      left.resolve();
    }
  }
}
