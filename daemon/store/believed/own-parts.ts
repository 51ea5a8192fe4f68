import type { RecordStore, Versioned } from "../store.ts";

const prefix = "own/";

/** What this home wrote of each shared record itself, in its own file: with what the shared store doesn't get. */
export class OwnParts {
  readonly #records: RecordStore;
  readonly #parts: Map<string, Versioned>;
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(records: RecordStore, found: readonly Versioned[]) {
    this.#records = records;
    this.#parts = new Map(found.map((one) => [one.key.slice(prefix.length), one]));
  }

  /** @param records of a store that is this daemon's alone @throws DevlatchError `STORE_UNAVAILABLE` */
  static async open(records: RecordStore): Promise<OwnParts> {
    return new OwnParts(records, await records.list(prefix));
  }

  /** The record as this home wrote it last; undefined where it never wrote one of its own. */
  of(key: string): unknown {
    return this.#parts.get(key)?.value;
  }

  /** Keeps what this home writes, or forgets it. @returns when that is in the file @throws DevlatchError `STORE_UNAVAILABLE` */
  keep(key: string, value: unknown): Promise<void> {
    const writing = this.#writing.then(() => this.#write(key, value));
    this.#writing = writing.catch(() => {});
    return writing;
  }

  async #write(key: string, value: unknown): Promise<void> {
    const known = this.#parts.get(key);
    if (value === undefined) {
      this.#parts.delete(key);
      if (known) await this.#records.delete(prefix + key, known.version);
      return;
    }
    const version = await this.#records.put(prefix + key, value, known?.version ?? 0);
    this.#parts.set(key, { key, value, version });
  }
}
