/** What a process is like at one look. */
export interface MemoryLook {
  /** Which share of a processor it used since the last look, 0 to 1 and more with several threads. */
  readonly busy: number;
  /** Its resident memory, in bytes. */
  readonly residentBytes: number;
}

/** With a larger share of a processor than this it isn't quiet: what it has it may need again in a moment. */
const quietShare = 0.05;
/** Says when a process is to give back memory: once it is quiet, and has taken more since it last did. */
export class GivingBack {
  readonly #worthBytes: number;
  #keptBytes: number | undefined;

  /** @param worthBytes what is worth a collection, in bytes: it takes some 50 ms */
  constructor(worthBytes: number) {
    this.#worthBytes = worthBytes;
  }

  isDue({ busy, residentBytes }: MemoryLook): boolean {
    if (busy > quietShare) return false;
    return this.#keptBytes === undefined || residentBytes >= this.#keptBytes + this.#worthBytes;
  }

  /** @param residentBytes what it has after it gave back */
  gave(residentBytes: number): void {
    this.#keptBytes = residentBytes;
  }
}
