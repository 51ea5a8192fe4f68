import { DevlatchError, hasCode } from "../../shared/base/errors.ts";
import type { RecordStore, Versioned } from "../store/contract.ts";
import { PoolRecord, type Slot, type SlotState } from "./pool-record.ts";

const prefix = "sandbox_pool/";

export function poolKey(poolId: string): string {
  return prefix + poolId;
}

export const poolKeyPrefix = prefix;

/** @throws DevlatchError `INTERNAL` for a record of another build: guessing could hand a sandbox out twice */
export function parsePool({ key, value }: Versioned): PoolRecord {
  const parsed = PoolRecord.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DevlatchError(
    "INTERNAL",
    `The record ${key} of a sandbox pool doesn't fit this build: ${parsed.error.message}`,
    "Use the same version of Devlatch for all daemons on this store.",
  );
}

/**
 * The pool's record in the hands of whoever holds its lock. Every change is one compare-and-set write that carries the
 * fence; a holder that was superseded can write nothing any more.
 */
export class PoolEdit {
  readonly #records: RecordStore;
  #record: PoolRecord;
  #version: number;

  private constructor(records: RecordStore, record: PoolRecord, version: number) {
    this.#records = records;
    this.#record = record;
    this.#version = version;
  }

  /** @param fresh the pool as it is while nothing was ever written of it */
  static async open(records: RecordStore, fresh: PoolRecord): Promise<PoolEdit> {
    const found = await records.get(poolKey(fresh.poolId));
    if (!found) return new PoolEdit(records, fresh, 0);
    const record = parsePool(found);
    if (record.fence > fresh.fence) throw superseded(fresh.poolId);
    const { main, root, fence } = fresh;
    return new PoolEdit(records, { ...record, main, root, fence }, found.version);
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

  async #save(slots: readonly Slot[]): Promise<void> {
    const next = { ...this.#record, slots: [...slots] };
    try {
      this.#version = await this.#records.put(poolKey(next.poolId), next, this.#version);
      this.#record = next;
    } catch (error) {
      throw hasCode(error, "RECORD_CONFLICT") ? superseded(next.poolId) : error;
    }
  }
}

function superseded(poolId: string): DevlatchError {
  return new DevlatchError(
    "LOCK_LOST",
    `The lock of sandbox pool ${poolId} was lost: another daemon has changed the pool meanwhile.`,
    "Try again.",
  );
}
