import type { Log } from "../../shared/base/log.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import { SessionRecord } from "../../shared/model/session.ts";
import { RecordTable } from "../store/record-table.ts";
import type { RecordStore } from "../store/store.ts";

/** The session records of the store. */
export class SessionRegistry extends RecordTable<SessionRecord> {
  constructor(store: RecordStore, log: Log) {
    super(store, { kind: "session", schema: SessionRecord, keyOf: sessionKey }, log);
  }
}
