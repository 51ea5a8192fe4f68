import { formatMs } from "../../shared/base/deadline.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { type LockView, ownerEvidence } from "../../shared/model/lock.ts";
import type { LockBreakResult } from "../../shared/protocol/methods.ts";
import type { LockService } from "./lock-service.ts";

/** The lock to break as it was shown: one that changed hands since is left alone. */
export interface LockBreak {
  readonly key: string;
  readonly fence: number;
  /** The caller agrees to what was shown. */
  readonly yes: boolean;
  /** The client that asks, in words. */
  readonly by: string;
}

/**
 * Takes a lock from its owner with consent.
 * @param onBroken called with what was broken
 * @throws DevlatchError `CONSENT_REQUIRED` with the evidence; `STORE_UNAVAILABLE`
 */
export async function breakLock(
  locks: Pick<LockService, "list" | "break">,
  { key, fence, yes, by }: LockBreak,
  onBroken: (lock: LockView, by: string) => void,
): Promise<LockBreakResult> {
  const lock = (await locks.list()).find((one) => one.key === key && one.fence === fence);
  if (!lock) return { outcome: "gone", key, fence };
  if (!yes) throw consentRequired(lock);
  const broken = await locks.break(key, fence);
  if (broken) onBroken(lock, by);
  return { outcome: broken ? "broken" : "gone", key, fence, owner: lock.owner };
}

function consentRequired(lock: LockView): DevlatchError {
  return new DevlatchError(
    "CONSENT_REQUIRED",
    `The lock ${lock.key} is held by ${lock.owner} since ${formatMs(lock.heldMs)} (fence ${lock.fence}). ${ownerEvidence(lock)}`,
    "To take it away all the same, repeat it with --yes.",
  );
}
