import type { Granted } from "./check.ts";
import type { Fault } from "./events.ts";

export interface OrderVerdict {
  /** How many grants were compared with one that was queued before they asked. */
  readonly ordered: number;
  /** Who was queued, and who asked later and was granted before. */
  readonly inversions: readonly (readonly [queued: Granted, later: Granted])[];
}

/** Who loses the place in the queue with it: the queue itself is lost, or no one hears the daemon any more. */
const ofEverybody: readonly Fault["kind"][] = [
  "cut",
  "cut replies",
  "redis pause",
  "restart",
  "flush",
  "failover",
];
/** As long after a fault a daemon may take to be heard again, in milliseconds. */
const recoveryMs = 5_000;

/** Whether the queue was kept where no fault took a waiter's place in it. */
export function orderKept(granted: readonly Granted[], faults: readonly Fault[]): OrderVerdict {
  const inversions: (readonly [Granted, Granted])[] = [];
  let ordered = 0;
  for (const grants of Object.values(Object.groupBy(granted, ({ key }) => key))) {
    const byGrant = (grants ?? []).toSorted((a, b) => a.fence - b.fence || a.grantedAt - b.grantedAt);
    const queued = byGrant.toSorted((a, b) => placeOf(a) - placeOf(b));
    const rank = new Map(byGrant.map((grant, index) => [grant, index]));
    // Of those queued before it asked, the one granted last is the one it may have overtaken.
    let last: Granted | undefined;
    let next = 0;
    for (const later of byGrant.toSorted((a, b) => a.invokedAt - b.invokedAt)) {
      for (let one = queued[next]; one && placeOf(one) < later.invokedAt; one = queued[++next]) {
        if (!last || (rank.get(one) ?? 0) > (rank.get(last) ?? 0)) last = one;
      }
      if (!last) continue;
      ordered++;
      const overtaken = (rank.get(last) ?? 0) > (rank.get(later) ?? 0);
      if (overtaken && !lostItsPlace(last, later, faults)) inversions.push([last, later]);
    }
  }
  return { ordered, inversions };
}

function placeOf({ queuedAt = Number.POSITIVE_INFINITY }: Granted): number {
  return queuedAt;
}

function lostItsPlace(queued: Granted, later: Granted, faults: readonly Fault[]): boolean {
  return faults.some((fault) => {
    const struck = ofEverybody.includes(fault.kind) || fault.worker === queued.worker;
    const before = fault.to + recoveryMs < placeOf(queued);
    return struck && !before && fault.from <= Math.max(queued.grantedAt, later.grantedAt);
  });
}
