/** Starts of this window that aren't over, each once: a second click leads to the first. */
export class StartsUnderWay<T> {
  readonly #starts = new Map<string, Promise<T>>();

  /** Whether one is under way. @param key of the server */
  has(key: string): boolean {
    return this.#starts.has(key);
  }

  /** Begins a start, or joins the one that is under way. */
  join(key: string, begin: () => Promise<T>): Promise<T> {
    const known = this.#starts.get(key);
    if (known !== undefined) return known;
    const started = begin().finally(() => this.#starts.delete(key));
    this.#starts.set(key, started);
    return started;
  }
}
