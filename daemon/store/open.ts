import type { Log } from "../../shared/base/log.ts";
import type { Home } from "../../shared/client/home.ts";
import type { Store } from "./contract.ts";
import { type OutageStoreOptions, openOutageStore } from "./outage/store.ts";
import { HighWaterMark } from "./redis/high-water-mark.ts";
import { openRedisStore } from "./redis/store.ts";
import { parseRedisUrl } from "./redis/target.ts";
import { openSqliteStore } from "./sqlite/store.ts";

export interface StoreOptions extends Pick<OutageStoreOptions, "rivalAmong"> {
  readonly home: Home;
  readonly log: Log;
  /** Selects Redis instead of the embedded store. */
  readonly redisUrl: string | undefined;
}

/**
 * The store of a daemon: the embedded one, or Redis with the embedded one beside it for the time Redis is away.
 * @throws DevlatchError `STORE_UNAVAILABLE`, `INVALID_INPUT` for a Redis URL that can't be used
 */
export async function openStore({ home, log, redisUrl, rivalAmong }: StoreOptions): Promise<Store> {
  const onProblem = (problem: Error) => log.warn({ err: problem }, "store problem");
  if (redisUrl === undefined) return openSqliteStore({ file: home.storeFile, onProblem });
  const local = await openSqliteStore({ file: home.outageFile, onProblem });
  const mark = await HighWaterMark.open(local.records);
  const clientName = `devlatch-${process.pid}`;
  const shared = await openRedisStore({ url: redisUrl, clientName, onProblem, mark });
  return openOutageStore({ ...{ shared, local, log, rivalAmong }, origin: parseRedisUrl(redisUrl).name });
}
