import type { Concurrency, LockAlert } from "../../../shared/model/concurrency.ts";
import type { Check, Reading } from "../check.ts";

const deadlineMs = 5_000;

/**
 * What is wrong with locks, as the monitor sees it; it has confirmed what it says.
 * @param look looks now
 */
export function concurrencyCheck(look: () => Promise<Concurrency>): Check {
  return {
    deadlineMs,
    look: async () => {
      const { alerts, keys, storeAnswered } = await look();
      const held = keys.filter(({ holder }) => holder !== null).length;
      const waiters = keys.reduce((sum, key) => sum + key.waiters, 0);
      return {
        readings: storeAnswered ? alerts.map(readingOf) : [nobodyKnows],
        fine: `${held} ${held === 1 ? "lock" : "locks"} held, ${waiters} waiting`,
        values: { held, waiters },
      };
    },
  };
}

const nobodyKnows: Reading = {
  kind: "fact",
  id: "store",
  status: "unknown",
  words: "The store doesn't answer, so who holds what isn't known",
};

function readingOf({ id, severity, message, remedy }: LockAlert): Reading {
  return { kind: "fact", id, status: severity, words: `${message} ${remedy}` };
}
