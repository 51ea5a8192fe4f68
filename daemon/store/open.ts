import type { Log } from "../../shared/base/log.ts";
import type { Home } from "../../shared/client/home.ts";
import type { SharedStoreOptions } from "./outage/shared.ts";
import { openSqliteStore } from "./sqlite/store.ts";
import type { Store } from "./store.ts";

export interface StoreOptions
  extends Pick<SharedStoreOptions, "rivalAmong" | "machineId" | "witness" | "onRefused"> {
  readonly home: Home;
  readonly log: Log;
  /** Selects Redis instead of the embedded store. */
  readonly redisUrl: string | undefined;
}

/**
 * The store of a daemon: the embedded one, or Redis with the embedded one beside it for the time Redis is away.
 * @throws DevlatchError `STORE_UNAVAILABLE`, `INVALID_INPUT` for a Redis URL that can't be used
 */
export async function openStore({ home, log, redisUrl, ...shared }: StoreOptions): Promise<Store> {
  const onProblem = (problem: Error) => log.warn({ err: problem }, "store problem");
  if (redisUrl === undefined) return openSqliteStore({ file: home.storeFile, onProblem });
  // A user of the embedded store doesn't load what Redis needs.
  const { openSharedStore } = await import("./outage/shared.ts");
  return openSharedStore({ file: home.outageFile, redisUrl, log, onProblem, ...shared });
}
