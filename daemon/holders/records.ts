import * as z from "zod";
import type { Log } from "../../shared/base/log.ts";
import { AppName } from "../../shared/model/app.ts";
import { Holder } from "../../shared/model/holder.ts";
import { holdersKey, type SessionPlace } from "../../shared/model/keys.ts";
import { SandboxId } from "../../shared/model/sandbox.ts";
import { RecordTable } from "../store/record-table.ts";
import type { RecordStore } from "../store/store.ts";

/** The holders of one session on one machine: only that machine can tell whether they live. */
export const HolderRecord = z.object({
  session: z.string(),
  /** Always 0: holders come and go without a lock, by compare-and-set. */
  fence: z.number(),
  sandboxId: SandboxId,
  app: AppName,
  machineId: z.string(),
  /** The machine's name, for people. */
  machine: z.string(),
  /** When the machine looked last, in milliseconds by the store's clock. */
  seenAt: z.number(),
  holders: z.array(Holder),
  /** Present once a person was among them, until the session is stopped. */
  person: z.literal(true).optional(),
});
export type HolderRecord = z.infer<typeof HolderRecord>;

/** The holders of all sessions, a record for each session and machine. */
export class HolderRecords extends RecordTable<HolderRecord> {
  constructor(store: RecordStore, log: Log) {
    const keyOf = (record: HolderRecord) => holdersKey(record, record.machineId);
    super(store, { kind: "holders", schema: HolderRecord, keyOf }, log);
  }

  of({ sandboxId, app }: SessionPlace): readonly HolderRecord[] {
    return this.all().filter((record) => record.sandboxId === sandboxId && record.app === app);
  }

  /** Reads what other machines wrote meanwhile. @throws DevlatchError `STORE_UNAVAILABLE` */
  async refresh(place: SessionPlace): Promise<void> {
    await this.load();
    await Promise.all(this.of(place).map((record) => this.read(holdersKey(record, record.machineId))));
  }
}
