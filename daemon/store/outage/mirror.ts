import type { RecordStore, Versioned } from "../store.ts";

/** What is known of a record of the shared store. */
export interface Copy {
  readonly value: unknown;
  /** As this daemon's readers have it. */
  readonly version: number;
  /** Changed or removed while the shared store was away, which doesn't know of it yet. */
  readonly state: "equal" | "changed" | "removed";
}

const prefix = "copy/";
/** Names the shared store the copies are of. */
const originKey = "origin";

/** Copies of this machine's own records, kept in a file, so that a daemon that starts during an outage has them too. */
export class Mirror {
  readonly #records: RecordStore;
  readonly #copies: Map<string, Copy>;
  readonly #versions: Map<string, number>;
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(records: RecordStore, found: readonly Versioned[]) {
    this.#records = records;
    const entries = found.map(({ key, value, version }) => ({
      key: key.slice(prefix.length),
      value,
      version,
    }));
    this.#copies = new Map(entries.map(({ key, value }) => [key, value as Copy]));
    this.#versions = new Map(entries.map(({ key, version }) => [key, version]));
  }

  /**
   * Reads what an earlier daemon of this home kept; copies of another shared store are thrown away.
   * @throws DevlatchError `STORE_UNAVAILABLE`
   */
  static async open(records: RecordStore, origin: string): Promise<Mirror> {
    const known = await records.get(originKey);
    const found = await records.list(prefix);
    if (known?.value === origin) return new Mirror(records, found);
    for (const { key, version } of found) await records.delete(key, version);
    if (known) await records.delete(originKey, known.version);
    return new Mirror(records, []);
  }

  /** Notes that this daemon's home has seen this shared store. */
  async confirm(origin: string): Promise<void> {
    if (!(await this.#records.get(originKey))) await this.#records.put(originKey, origin, 0);
  }

  /** Whether this home has ever seen the shared store. */
  async isConfirmed(): Promise<boolean> {
    return (await this.#records.get(originKey)) !== undefined;
  }

  get(key: string): Copy | undefined {
    return this.#copies.get(key);
  }

  entries(): readonly (readonly [key: string, copy: Copy])[] {
    return [...this.#copies];
  }

  /** The records there are, as a store would list them. */
  list(keyPrefix: string): readonly Versioned[] {
    return this.entries()
      .filter(([key, { state }]) => key.startsWith(keyPrefix) && state !== "removed")
      .map(([key, { value, version }]) => ({ key, value, version }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** Keeps a copy, or with undefined none. @returns when it is in the file @throws DevlatchError `STORE_UNAVAILABLE` */
  keep(key: string, copy: Copy | undefined): Promise<void> {
    if (copy) this.#copies.set(key, copy);
    else if (!this.#copies.delete(key)) return Promise.resolve();
    const writing = this.#writing.then(() => this.#write(key, copy));
    this.#writing = writing.catch(() => {});
    return writing;
  }

  async #write(key: string, copy: Copy | undefined): Promise<void> {
    const version = this.#versions.get(key) ?? 0;
    if (copy) {
      this.#versions.set(key, await this.#records.put(prefix + key, copy, version));
    } else {
      this.#versions.delete(key);
      await this.#records.delete(prefix + key, version);
    }
  }
}
