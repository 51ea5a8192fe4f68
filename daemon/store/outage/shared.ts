import { OwnParts } from "../believed/own-parts.ts";
import { BelievedRecords, type BelievedRecordsOptions } from "../believed/records.ts";
import { HighWaterMark } from "../redis/high-water-mark.ts";
import { openRedisStore } from "../redis/store.ts";
import { parseRedisUrl } from "../redis/target.ts";
import { openSqliteStore } from "../sqlite/store.ts";
import type { Store } from "../store.ts";
import { type OutageStoreOptions, openOutageStore } from "./store.ts";

export interface SharedStoreOptions
  extends Pick<OutageStoreOptions, "log" | "rivalAmong">,
    Pick<BelievedRecordsOptions, "machineId" | "witness" | "onRefused"> {
  /** The embedded database beside Redis. */
  readonly file: string;
  readonly redisUrl: string;
  readonly onProblem: (problem: Error) => void;
}

/**
 * Redis, with an embedded store beside it for the time it is away.
 * @throws DevlatchError `STORE_UNAVAILABLE`, `INVALID_INPUT` for a URL that can't be used
 */
export async function openSharedStore(options: SharedStoreOptions): Promise<Store> {
  const { file, redisUrl, log, rivalAmong, onProblem, machineId, witness, onRefused } = options;
  const local = await openSqliteStore({ file, onProblem });
  const mark = await HighWaterMark.open(local.records);
  const clientName = `devlatch-${process.pid}`;
  const shared = await openRedisStore({ url: redisUrl, clientName, onProblem, onRefused, mark });
  const parts = await OwnParts.open(local.records);
  const records = new BelievedRecords({
    ...{ shared: shared.records, own: local.records, parts, machineId, witness, onRefused },
  });
  return openOutageStore({
    ...{ shared, records, local, log, rivalAmong },
    origin: parseRedisUrl(redisUrl).name,
  });
}
