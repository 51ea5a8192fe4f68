import { isDeepStrictEqual } from "node:util";
import type * as z from "zod";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import { DevlatchError, hasCode } from "../../shared/base/errors.ts";
import type { Log } from "../../shared/base/log.ts";
import { parseRecordKey, type RecordKind, recordPrefix } from "../../shared/model/keys.ts";
import { recordConflict } from "./conflict.ts";
import type { RecordStore, Versioned } from "./store.ts";

/** A record changed, or was removed (`record` undefined). */
export interface RecordChange<R> {
  /** The record's key without the prefix of its kind. */
  readonly key: string;
  readonly record: R | undefined;
}

/** What tells the records of one kind from others. */
export interface TableOptions<R> {
  readonly kind: RecordKind;
  readonly schema: z.ZodType<R>;
  /** The key that a record is written at, without the prefix of its kind. */
  readonly keyOf: (record: R) => string;
}

/** What a table asks of a record. */
interface Row {
  /** Fencing token of the lock under which it was written; absent in records that are written without one. */
  readonly fence?: number | undefined;
  /** The session that it is of, for error messages. */
  readonly session?: string | undefined;
  readonly [other: string]: unknown;
}

interface Cached<R> {
  readonly record: R;
  version: number;
  /** What it was read from; absent where it was written here. */
  readonly value?: unknown;
}

/** How often a change is tried on a record that other daemons change meanwhile. */
const attempts = 10;

/**
 * The records of one kind, cached. Writes are compare-and-set and fenced: a daemon that lost the lock can't overwrite
 * what a later holder wrote. A record that doesn't fit costs only itself.
 */
export class RecordTable<R extends Row> implements Disposable {
  readonly #store: RecordStore;
  readonly #options: TableOptions<R>;
  readonly #prefix: string;
  readonly #log: Log;
  readonly #scope = new Scope();
  readonly #cache = new Map<string, Cached<R>>();
  readonly #changed = this.#scope.add(new Emitter<RecordChange<R>>());
  readonly onChanged = this.#changed.event;

  constructor(store: RecordStore, options: TableOptions<R>, log: Log) {
    this.#store = store;
    this.#options = options;
    this.#prefix = recordPrefix(options.kind);
    this.#log = log;
    this.#scope.add(store.onChanged(({ key }) => this.#follow(key)));
  }

  /**
   * Reads every record, e.g. when the daemon starts or the store came back. @throws DevlatchError `STORE_UNAVAILABLE`
   */
  async load(): Promise<void> {
    for (const entry of await this.#store.list(this.#prefix)) {
      try {
        this.#take(entry.key.slice(this.#prefix.length), entry);
      } catch (error) {
        this.#log.warn({ err: error }, "a record is ignored");
      }
    }
  }

  all(): readonly R[] {
    return [...this.#cache.values()].map(({ record }) => record);
  }

  /** The records with their keys. */
  entries(): readonly (readonly [key: string, record: R])[] {
    return [...this.#cache].map(([key, { record }]) => [key, record]);
  }

  /** The record as last seen; may be behind another daemon's write by a moment. */
  peek(key: string): R | undefined {
    return this.#cache.get(key)?.record;
  }

  /**
   * The record as the store has it now.
   * @throws DevlatchError `STORE_UNAVAILABLE`, `INTERNAL` for a record of another build
   */
  async read(key: string): Promise<R | undefined> {
    this.#take(key, await this.#store.get(this.#prefix + key));
    return this.peek(key);
  }

  /**
   * The record as the store has it now, for the holder of the lock under which it is written.
   * @param fence of that lock
   * @throws DevlatchError `LOCK_LOST` if a later holder has written it; what `read` throws
   */
  async readUnder(fence: number, key: string): Promise<R | undefined> {
    const record = await this.read(key);
    if (record && fenceOf(record) > fence) throw this.#superseded(record);
    return record;
  }

  /**
   * Writes a record over the one last seen.
   * @throws DevlatchError `RECORD_CONFLICT` if another daemon wrote meanwhile, `LOCK_LOST` if the record carries a
   *   higher fence, `STORE_UNAVAILABLE`
   */
  write(record: R): Promise<void> {
    return this.#put(this.peek(this.#options.keyOf(record)), record);
  }

  /**
   * Writes a record over exactly the one it was made from, in the name of a lock under which only its holder writes.
   * @param before as it was read or written here; undefined: there is none yet
   * @throws DevlatchError `LOCK_LOST` if another daemon wrote meanwhile, `STORE_UNAVAILABLE`
   */
  async replace(before: R | undefined, record: R): Promise<void> {
    try {
      await this.#put(before, record);
    } catch (error) {
      throw hasCode(error, "RECORD_CONFLICT") ? this.#superseded(record) : error;
    }
  }

  /**
   * Changes a record that is there; tried again on the newest version where another daemon changes it meanwhile.
   * @param change gives the new record, or undefined to leave it alone
   * @throws DevlatchError `RECORD_CONFLICT` after many attempts, `LOCK_LOST`, `STORE_UNAVAILABLE`
   */
  update(key: string, change: (record: R) => R | undefined): Promise<void> {
    return this.edit(key, (record) => record && change(record));
  }

  /** The same for a record that may have to be made. */
  async edit(
    key: string,
    change: (record: R | undefined) => R | undefined | Promise<R | undefined>,
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const record = this.peek(key) ?? (await this.read(key));
      const next = await change(record);
      if (!next) return;
      try {
        return await this.#put(record, next);
      } catch (error) {
        if (attempt === attempts || !hasCode(error, "RECORD_CONFLICT")) throw error;
        await this.read(key);
      }
    }
  }

  /** Removes a record for good, in whatever version. @throws DevlatchError `STORE_UNAVAILABLE` */
  async remove(key: string): Promise<void> {
    const storeKey = this.#prefix + key;
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const found = await this.#store.get(storeKey);
      if (!found || (await this.#store.delete(storeKey, found.version))) break;
    }
    await this.read(key);
  }

  async #put(before: R | undefined, record: R): Promise<void> {
    const key = this.#options.keyOf(record);
    const storeKey = this.#prefix + key;
    const known = this.#cache.get(key);
    if (known && fenceOf(known.record) > fenceOf(record)) throw this.#superseded(record);
    if (known?.record !== before) throw recordConflict(storeKey, known?.version ?? 0);
    try {
      this.#wrote(key, record, await this.#store.put(storeKey, record, known?.version ?? 0));
    } catch (error) {
      // After a failover the store may have an older one, which the next read must not pass over.
      if (known && hasCode(error, "RECORD_CONFLICT")) known.version = 0;
      throw error;
    }
  }

  /** The store may have told of the write, or even of the next one, before it answered. */
  #wrote(key: string, record: R, version: number): void {
    const known = this.#cache.get(key);
    if (known && known.version > version) return;
    this.#cache.set(key, { record, version });
    if (known?.version !== version) this.#changed.fire({ key, record });
  }

  #follow(storeKey: string): void {
    if (parseRecordKey(storeKey)?.kind !== this.#options.kind) return;
    this.read(storeKey.slice(this.#prefix.length)).catch((error: unknown) =>
      this.#log.warn({ err: error, storeKey }, "a changed record could not be read"),
    );
  }

  /** Versions and fences only grow; a failover may lose the newest versions, but a later fence comes after them. */
  #take(key: string, entry: Versioned | undefined): void {
    const known = this.#cache.get(key);
    if (!entry) {
      if (this.#cache.delete(key)) this.#changed.fire({ key, record: undefined });
      return;
    }
    if (known?.version === entry.version && !isSeenAnew(known, entry)) return;
    const parsed = this.#options.schema.safeParse(entry.value);
    if (!parsed.success) throw misfit(entry.key, parsed.error);
    const record = parsed.data;
    if (known && known.version > entry.version && fenceOf(known.record) >= fenceOf(record)) return;
    this.#cache.set(key, { record, version: entry.version, value: entry.value });
    this.#changed.fire({ key, record });
  }

  #superseded(record: R): DevlatchError {
    const name = record.session ?? (this.#prefix + this.#options.keyOf(record)).replaceAll(/[_/]/g, " ");
    return new DevlatchError(
      "LOCK_LOST",
      `Another daemon took over ${name} while this one worked on it.`,
      "Run the command again; it joins whatever the other daemon did.",
    );
  }

  dispose(): void {
    this.#scope.dispose();
  }
}

/** What is believed of a version may change: the host that it names has come up meanwhile, or is gone. */
function isSeenAnew(known: Cached<unknown>, entry: Versioned): boolean {
  return "value" in known && !isDeepStrictEqual(known.value, entry.value);
}

function fenceOf({ fence = 0 }: Row): number {
  return fence;
}

function misfit(key: string, problem: z.ZodError): DevlatchError {
  return new DevlatchError(
    "INTERNAL",
    `The record ${key} doesn't fit this build: ${problem.message}`,
    "Use the same version of Devlatch for all daemons on this store.",
  );
}
