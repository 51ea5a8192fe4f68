import { formatMs } from "../../shared/base/deadline.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { holderEvidence, type LockView } from "../../shared/model/lock.ts";
import type { Handlers } from "./contract.ts";
import type { Parts } from "./parts.ts";

export function lockHandlers({ locks, journal, log }: Parts): Pick<Handlers, "lock/list" | "lock/break"> {
  return {
    "lock/list": async () => [...(await locks.list())],

    "lock/break": async ({ key, fence, yes }, { client }) => {
      const lock = (await locks.list()).find((one) => one.key === key && one.fence === fence);
      if (!lock) return { outcome: "gone", key, fence };
      if (!yes) throw consentRequired(lock);
      const broken = await locks.break(key, fence);
      if (broken) {
        const by = client.name;
        log.warn({ key, fence, owner: lock.owner, by }, "a lock was broken");
        journal.append({ kind: "lock", key, owner: lock.owner, change: { kind: "broken", fence, by } });
      }
      return { outcome: broken ? "broken" : "gone", key, fence, owner: lock.owner };
    },
  };
}

function consentRequired(lock: LockView): DevlatchError {
  return new DevlatchError(
    "CONSENT_REQUIRED",
    `The lock ${lock.key} is held by ${lock.owner} since ${formatMs(lock.heldMs)} (fence ${lock.fence}). ${holderEvidence(lock)}`,
    "To take it away all the same, repeat it with --yes.",
  );
}
