import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import type { Log } from "../../shared/base/log.ts";
import type { RecordStore, Versioned } from "../store/contract.ts";
import { isWithin } from "./keeper.ts";
import { parsePool, poolKey, poolKeyPrefix } from "./pool-edit.ts";
import type { PoolRecord, Slot } from "./pool-record.ts";

/** The pools of the store as last seen, for questions that must not wait: which sandbox is this directory in? */
export class PoolRegistry implements Disposable {
  readonly #records: RecordStore;
  readonly #log: Log;
  readonly #scope = new Scope();
  readonly #pools = new Map<string, { record: PoolRecord; version: number }>();
  readonly #changed = this.#scope.add(new Emitter<string>());
  /** Fires with the id of a pool that changed. */
  readonly onChanged = this.#changed.event;

  constructor(records: RecordStore, log: Log) {
    this.#records = records;
    this.#log = log;
    this.#scope.add(records.onChanged(({ key }) => this.#follow(key)));
  }

  /** Reads every pool, e.g. when the daemon starts. @throws DevlatchError `STORE_UNAVAILABLE` */
  async load(): Promise<void> {
    for (const entry of await this.#records.list(poolKeyPrefix)) this.#take(entry);
  }

  all(): readonly PoolRecord[] {
    return [...this.#pools.values()].map(({ record }) => record);
  }

  /** The pool as the store has it now. */
  async read(poolId: string): Promise<PoolRecord | undefined> {
    const key = poolKey(poolId);
    const entry = await this.#records.get(key);
    if (entry) this.#take(entry);
    else if (this.#pools.delete(key)) this.#changed.fire(poolId);
    return this.#pools.get(key)?.record;
  }

  /** The sandbox of this machine that a directory is in, as last seen. @param path absolute real path */
  slotAt(path: string, machineId: string): { pool: PoolRecord; slot: Slot } | undefined {
    for (const { record: pool } of this.#pools.values()) {
      if (pool.machineId !== machineId) continue;
      const slot = pool.slots.find((one) => isWithin(path, one.path));
      if (slot) return { pool, slot };
    }
    return undefined;
  }

  #follow(key: string): void {
    if (!key.startsWith(poolKeyPrefix)) return;
    this.read(key.slice(poolKeyPrefix.length)).catch((error: unknown) =>
      this.#log.warn({ err: error, key }, "a changed sandbox pool could not be read"),
    );
  }

  /** Fences only grow, also where versions begin anew because the store was emptied. */
  #take(entry: Versioned): void {
    const known = this.#pools.get(entry.key);
    try {
      const record = parsePool(entry);
      const isOld =
        known &&
        (known.record.fence > record.fence || known.version >= entry.version) &&
        known.record.fence >= record.fence;
      if (isOld) return;
      this.#pools.set(entry.key, { record, version: entry.version });
      this.#changed.fire(record.poolId);
    } catch (error) {
      this.#log.warn({ err: error, key: entry.key }, "a sandbox pool can't be read; ignored");
    }
  }

  dispose(): void {
    this.#scope.dispose();
  }
}
