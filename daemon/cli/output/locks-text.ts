import { formatMs } from "../../../shared/base/deadline.ts";
import type { LockView } from "../../../shared/model/lock.ts";
import { type Paint, printable } from "./style.ts";
import { table } from "./table.ts";

/** The locks held now, for people. */
export function locksText(held: readonly LockView[], paint: Paint): string {
  if (held.length === 0) return "No locks are held";
  const rows = held.map((lock) => [
    printable(lock.key),
    printable(lock.owner),
    String(lock.fence),
    formatMs(lock.heldMs),
    formatMs(lock.ttlMs),
    String(lock.waiters),
  ]);
  return table(["LOCK", "OWNER", "FENCE", "HELD", "EXPIRES IN", "WAITERS"], rows, paint);
}
