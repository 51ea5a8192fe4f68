import type { Event } from "../../shared/base/emitter.ts";
import type { LockEvent } from "../../shared/model/concurrency.ts";
import type { LockView } from "../../shared/model/lock.ts";
import type { RecordStore } from "../store/store.ts";

/** What the monitor watches: the lock service. */
export interface LockSource {
  readonly onEvent: Event<LockEvent>;
  /** Every lock held on the store, by all daemons. @throws DevlatchError `STORE_UNAVAILABLE` */
  list(): Promise<readonly LockView[]>;
}

/** Where daemons leave word for each other. */
export interface SharedStore {
  readonly records: RecordStore;
  /** Milliseconds since the epoch, by the store's clock. @throws DevlatchError `STORE_UNAVAILABLE` */
  now(): Promise<number>;
}
