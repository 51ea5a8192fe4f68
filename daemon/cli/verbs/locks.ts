import { formatMs } from "../../../shared/base/deadline.ts";
import type { LockView } from "../../../shared/model/lock.ts";
import { operations } from "../../../shared/operations/operations.ts";
import { type Paint, printable } from "../output/style.ts";
import { table } from "../output/table.ts";
import { alertText } from "./alert-text.ts";
import { breakLock } from "./break-lock.ts";
import { verb } from "./verb.ts";
import { watchLocks } from "./watch-locks.ts";

export const locks = verb(operations.locks, async (input, context) => {
  const { output } = context;
  if (input.break !== undefined) return breakLock(input.break, input.yes ?? false, context);
  if (input.watch) return watchLocks(context);
  const connection = await context.ensure();
  const held = await context.ask(operations.locks.requests.list, {}, connection);
  if (output.json) return { data: held, text: "" };
  const { alerts } = await context.ask(operations.metrics.requests.view, {}, connection);
  return {
    data: held,
    text: [locksText(held, output.paint), ...alerts.map((alert) => alertText(alert, output.paint))].join(
      "\n\n",
    ),
  };
});

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
