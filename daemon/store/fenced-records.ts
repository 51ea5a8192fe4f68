import type * as z from "zod";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import { DevlatchError, hasCode } from "../../shared/base/errors.ts";
import type { Log } from "../../shared/base/log.ts";
import type { RecordStore, Versioned } from "./contract.ts";

/** A record changed, or was removed (`record` undefined). */
export interface RecordChange<R> {
  /** The record's key without the prefix of its kind. */
  readonly key: string;
  readonly record: R | undefined;
}

/** What tells the records of one kind from others. */
export interface RecordKind<R> {
  /** What all their keys start with, e.g. `session/`. */
  readonly prefix: string;
  readonly schema: z.ZodType<R>;
  /** The rest of the key. */
  readonly keyOf: (record: R) => string;
}

/**
 * The records of one kind, cached. Writes are compare-and-set and fenced: whoever lost the lock can't overwrite what
 * a later holder wrote.
 */
export class FencedRecords<R extends { readonly session: string; readonly fence: number }>
  implements Disposable
{
  readonly #store: RecordStore;
  readonly #kind: RecordKind<R>;
  readonly #log: Log;
  readonly #scope = new Scope();
  readonly #cache = new Map<string, { record: R; version: number }>();
  readonly #changed = this.#scope.add(new Emitter<RecordChange<R>>());
  readonly onChanged = this.#changed.event;

  constructor(store: RecordStore, kind: RecordKind<R>, log: Log) {
    this.#store = store;
    this.#kind = kind;
    this.#log = log;
    this.#scope.add(store.onChanged(({ key }) => this.#follow(key)));
  }

  /** Reads every record, e.g. when the daemon starts or the store came back. */
  async load(): Promise<void> {
    const { prefix } = this.#kind;
    for (const entry of await this.#store.list(prefix)) this.#take(entry.key.slice(prefix.length), entry);
  }

  all(): readonly R[] {
    return [...this.#cache.values()].map(({ record }) => record);
  }

  /** The record as last seen; may be behind another daemon's write by a moment. */
  peek(key: string): R | undefined {
    return this.#cache.get(key)?.record;
  }

  /** The record as the store has it now. */
  async read(key: string): Promise<R | undefined> {
    this.#take(key, await this.#store.get(this.#kind.prefix + key));
    return this.peek(key);
  }

  /**
   * Writes a record over the version last seen.
   * @throws DevlatchError `RECORD_CONFLICT` if another daemon wrote meanwhile, `LOCK_LOST` if the record carries a
   *   higher fence, `STORE_UNAVAILABLE`
   */
  async write(record: R): Promise<void> {
    const key = this.#kind.keyOf(record);
    const known = this.#cache.get(key);
    if (known && known.record.fence > record.fence) throw superseded(record);
    const version = await this.#store.put(this.#kind.prefix + key, record, known?.version ?? 0);
    this.#cache.set(key, { record, version });
    this.#changed.fire({ key, record });
  }

  /**
   * Changes a record that nobody else may have changed meanwhile; tried again on the newest version.
   * @param change gives the new record, or undefined to leave it alone
   */
  async update(key: string, change: (record: R) => R | undefined): Promise<void> {
    for (let attempt = 0; attempt < 5; attempt++) {
      const record = this.peek(key) ?? (await this.read(key));
      const next = record && change(record);
      if (!next) return;
      try {
        await this.write(next);
        return;
      } catch (error) {
        if (!hasCode(error, "RECORD_CONFLICT")) throw error;
        await this.read(key);
      }
    }
  }

  /** Removes a record for good, whoever changed it last. @throws DevlatchError `STORE_UNAVAILABLE` */
  async remove(key: string): Promise<void> {
    const storeKey = this.#kind.prefix + key;
    for (let attempt = 0; attempt < 5; attempt++) {
      const found = await this.#store.get(storeKey);
      if (!found || (await this.#store.delete(storeKey, found.version))) break;
    }
    await this.read(key);
  }

  #follow(storeKey: string): void {
    const { prefix } = this.#kind;
    if (!storeKey.startsWith(prefix)) return;
    this.read(storeKey.slice(prefix.length)).catch((error: unknown) =>
      this.#log.warn({ err: error, storeKey }, "a changed record could not be read"),
    );
  }

  #take(key: string, entry: Versioned | undefined): void {
    const known = this.#cache.get(key);
    if (!entry) {
      if (this.#cache.delete(key)) this.#changed.fire({ key, record: undefined });
      return;
    }
    if (known && known.version >= entry.version) return;
    const parsed = this.#kind.schema.safeParse(entry.value);
    if (!parsed.success) {
      this.#log.warn({ key, problem: parsed.error.message }, "a record doesn't fit this build; ignored");
      return;
    }
    this.#cache.set(key, { record: parsed.data, version: entry.version });
    this.#changed.fire({ key, record: parsed.data });
  }

  dispose(): void {
    this.#scope.dispose();
  }
}

function superseded({ session }: { readonly session: string }): DevlatchError {
  return new DevlatchError(
    "LOCK_LOST",
    `Another daemon took over ${session} while this one worked on it.`,
    "Run the command again; it joins whatever the other daemon did.",
  );
}
