import { breakLock } from "../locks/break-lock.ts";
import type { LockService } from "../locks/lock-service.ts";
import type { Handlers } from "./handlers.ts";

/** @param onBroken called with the lock that was taken from its owner, and the client that asked */
export function lockMethods(
  locks: LockService,
  onBroken: Parameters<typeof breakLock>[2],
): Pick<Handlers, "lock/list" | "lock/break"> {
  return {
    "lock/list": async () => [...(await locks.list())],
    "lock/break": (params, { client }) => breakLock(locks, { ...params, by: client.name }, onBroken),
  };
}
