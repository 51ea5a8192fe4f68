import type { Log } from "../../shared/base/log.ts";
import { SessionRecord, sessionKey } from "../../shared/model/session.ts";
import type { RecordStore } from "../store/contract.ts";
import { FencedRecords } from "../store/fenced-records.ts";

/** The session records of the store. */
export class SessionRegistry extends FencedRecords<SessionRecord> {
  constructor(store: RecordStore, log: Log) {
    const keyOf = ({ sandboxId, app }: SessionRecord) => sessionKey(sandboxId, app);
    super(store, { prefix: "session/", schema: SessionRecord, keyOf }, log);
  }
}
