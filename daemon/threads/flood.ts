/** Output in bytes within one look that makes a flood: a second thread is worth its memory then. */
const floodBytes = 4 * 1024 * 1024;
/** Time of a look, in milliseconds. */
const lookMs = 1_000;
/** Looks without a flood after which it is over. */
const calmLooks = 5;

/** Whether output comes in a flood, decided from how much came in the last second. */
export class Flood {
  readonly #monotonic: () => number;
  #since: number;
  #bytes = 0;
  #calm = calmLooks;

  /** @param monotonic milliseconds since any moment */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
    this.#since = monotonic();
  }

  /** @param bytes of output that just came */
  isOn(bytes: number): boolean {
    this.#bytes += bytes;
    const elapsed = this.#monotonic() - this.#since;
    if (this.#bytes >= floodBytes) this.#begin(0);
    else if (elapsed >= lookMs) this.#begin(this.#calm + Math.floor(elapsed / lookMs));
    return this.#calm < calmLooks;
  }

  reset(): void {
    this.#begin(calmLooks);
  }

  #begin(calm: number): void {
    this.#calm = calm;
    this.#bytes = 0;
    this.#since = this.#monotonic();
  }
}
