import type { RecordTable } from "../store/record-table.ts";
import type { PoolRecord, Slot, SlotState } from "./pool-record.ts";

/**
 * The pool's record in the hands of the holder of its lock. Every change is one compare-and-set write that carries the
 * fence; a holder that was superseded can write nothing any more.
 */
export class PoolEdit {
  readonly #pools: RecordTable<PoolRecord>;
  /** As the store has it; undefined: not yet. */
  #written: PoolRecord | undefined;
  #record: PoolRecord;

  private constructor(pools: RecordTable<PoolRecord>, written: PoolRecord | undefined, record: PoolRecord) {
    this.#pools = pools;
    this.#written = written;
    this.#record = record;
  }

  /**
   * @param fresh the pool as it is while nothing was ever written of it
   * @throws DevlatchError `LOCK_LOST`, `STORE_UNAVAILABLE`; `INTERNAL` for a record of another build: guessing could
   *   hand a sandbox out twice
   */
  static async open(pools: RecordTable<PoolRecord>, fresh: PoolRecord): Promise<PoolEdit> {
    const found = await pools.readUnder(fresh.fence, fresh.poolId);
    return new PoolEdit(pools, found, {
      ...fresh,
      slots: found?.slots ?? fresh.slots,
      filters: found?.filters ?? fresh.filters,
    });
  }

  get record(): PoolRecord {
    return this.#record;
  }

  get slots(): readonly Slot[] {
    return this.#record.slots;
  }

  /** Adds a sandbox, or writes over the one with its name. @throws DevlatchError `LOCK_LOST`, `STORE_UNAVAILABLE` */
  async put<S extends Slot>(slot: S): Promise<S> {
    const known = this.slots.some(({ name }) => name === slot.name);
    await this.#save(
      known ? this.slots.map((one) => (one.name === slot.name ? slot : one)) : [...this.slots, slot],
    );
    return slot;
  }

  to(slot: Slot, state: SlotState): Promise<Slot> {
    return this.put({ ...slot, state });
  }

  remove(slot: Slot): Promise<void> {
    return this.#save(this.slots.filter(({ name }) => name !== slot.name));
  }

  /** Notes which programs of the repository's own git configuration the user agreed to. */
  trust(filters: readonly string[]): Promise<void> {
    return this.#write({ ...this.#record, filters: [...filters] });
  }

  #save(slots: readonly Slot[]): Promise<void> {
    return this.#write({ ...this.#record, slots: [...slots] });
  }

  async #write(next: PoolRecord): Promise<void> {
    await this.#pools.replace(this.#written, next);
    this.#written = next;
    this.#record = next;
  }
}
