import type { Log } from "../../shared/base/log.ts";
import { isWithin } from "../../shared/base/within.ts";
import { RecordTable } from "../store/record-table.ts";
import type { RecordStore } from "../store/store.ts";
import { PoolRecord, type Slot } from "./pool-record.ts";

/** The pools of the store as last seen, for questions that must not wait: which sandbox is this directory in? */
export class PoolRegistry extends RecordTable<PoolRecord> {
  constructor(store: RecordStore, log: Log) {
    super(store, { kind: "sandbox_pool", schema: PoolRecord, keyOf: ({ poolId }) => poolId }, log);
  }

  /** The sandbox of this machine that a directory is in, as last seen. @param path absolute real path */
  slotAt(path: string, machineId: string): { pool: PoolRecord; slot: Slot } | undefined {
    for (const pool of this.all()) {
      if (pool.machineId !== machineId) continue;
      const slot = pool.slots.find((one) => isWithin(path, one.path));
      if (slot) return { pool, slot };
    }
    return undefined;
  }
}
