import { DeadOwners } from "../../../daemon/locks/dead-owners.ts";
import { LockService, type LockServiceOptions, type LockTerms } from "../../../daemon/locks/lock-service.ts";
import { createProcesses } from "../../../daemon/processes/create-processes.ts";
import { openRedisStore } from "../../../daemon/store/redis/store.ts";
import type { LockStore, Store } from "../../../daemon/store/store.ts";
import { randomToken } from "../../../shared/base/token.ts";
import { silentLog } from "../../support/log.ts";
import type { Owner } from "../../support/owner.ts";

/** What a daemon has of locks. */
export interface LockingDaemon {
  readonly store: Store;
  readonly service: LockService;
}

/**
 * @param owner ends it
 * @param wrap puts something between the service and its store
 */
export async function openDaemon(
  owner: Owner,
  url: string,
  options?: LockServiceOptions,
  wrap: (store: Store) => LockStore = ({ locks }) => locks,
): Promise<LockingDaemon> {
  const store = await openRedisStore({ url, clientName: "tester" });
  const service = new LockService(wrap(store), options);
  owner.after(async () => {
    await service.close();
    await store.close();
  });
  return { store, service };
}

/** A daemon that others can find to be dead. */
export async function openAnnouncedDaemon(owner: Owner, url: string): Promise<LockingDaemon> {
  const instance = randomToken();
  const store = await openRedisStore({ url, clientName: "tester" });
  const { locks, records } = store;
  const deadOwners = new DeadOwners({
    locks,
    records,
    processes: createProcesses(),
    log: silentLog,
    instance,
  });
  await deadOwners.begin();
  const service = new LockService(locks, { instance, deadOwners });
  owner.after(async () => {
    await service.close();
    await deadOwners.leave();
    await store.close();
  });
  return { store, service };
}

/** A lock held until `done` is called; `ended` settles when it was released. */
export async function hold({ service }: Pick<LockingDaemon, "service">, key: string, terms: LockTerms) {
  const { promise, resolve: done } = Promise.withResolvers<void>();
  const held = Promise.withResolvers<{ fence: number; signal: AbortSignal }>();
  const ended = service.withLock(key, terms, (grant) => {
    held.resolve(grant);
    return promise;
  });
  ended.catch(held.reject);
  return { ...(await held.promise), done, ended };
}

export function newKey(): string {
  return `test:{${randomToken()}}:web`;
}
