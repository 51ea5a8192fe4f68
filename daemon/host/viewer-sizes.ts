/** Size of a terminal, in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/**
 * A session's terminal has one size, its viewers have one each. That of the viewer who last resized or typed holds;
 * when that viewer leaves, the size of the one who was active before returns. The last to leave leaves its size behind.
 */
export class ViewerSizes<V> {
  /** Least recently active first. */
  readonly #sizes = new Map<V, TerminalSize>();

  /** The size the terminal should have; undefined before any viewer told one. */
  get current(): TerminalSize | undefined {
    return [...this.#sizes.values()].at(-1);
  }

  /** The viewer whose size that is. */
  get active(): V | undefined {
    return [...this.#sizes.keys()].at(-1);
  }

  resized(viewer: V, size: TerminalSize): void {
    this.#sizes.delete(viewer);
    this.#sizes.set(viewer, size);
  }

  /** A viewer that never told its size has no say. */
  typed(viewer: V): void {
    const size = this.#sizes.get(viewer);
    if (size) this.resized(viewer, size);
  }

  left(viewer: V): void {
    this.#sizes.delete(viewer);
  }
}
