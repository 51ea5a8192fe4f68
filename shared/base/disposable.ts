/** Something that ends what it owns: a timer, a listener, a socket, a child. */
export interface Disposable {
  dispose(): void;
}

/** One owner for many disposables. What is added after disposal is disposed at once. */
export class Scope implements Disposable {
  readonly #owned = new Set<Disposable>();
  #disposed = false;

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Takes ownership and hands the thing back. */
  add<T extends Disposable>(owned: T): T {
    if (this.#disposed) owned.dispose();
    else this.#owned.add(owned);
    return owned;
  }

  /** Runs `dispose` when the scope ends. */
  defer(dispose: () => void): void {
    this.add({ dispose });
  }

  /** Ends everything owned, last first. An error in one doesn't keep the others alive. */
  dispose(): void {
    this.#disposed = true;
    const owned = [...this.#owned].reverse();
    this.#owned.clear();
    const errors: unknown[] = [];
    for (const one of owned) {
      try {
        one.dispose();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, "Some things could not be disposed of");
  }
}

/** A repeating timer that doesn't keep the process alive and never overlaps itself. */
export function every(intervalMs: number, tick: () => void): Disposable {
  const timer = setInterval(tick, intervalMs);
  timer.unref();
  return { dispose: () => clearInterval(timer) };
}
