import { DevlatchError } from "../../../shared/base/errors.ts";
import { locks as locksOperation } from "../../../shared/operations/locks.ts";
import { request } from "../../../shared/operations/operation.ts";
import type { LockBreakResult } from "../../../shared/protocol/methods.ts";
import type { Context } from "../context.ts";
import { printable } from "../output/style.ts";
import { withConsent } from "./consent.ts";
import type { Report } from "./verb.ts";

const { list, break: take } = locksOperation.requests;

/**
 * Takes a lock from its owner, once a person or `--yes` has agreed to what is known of that owner.
 * @throws DevlatchError `INVALID_INPUT` when it isn't held, `CONSENT_REQUIRED`
 */
export async function breakLock(key: string, yes: boolean, context: Context): Promise<Report> {
  const { caller, signal } = context;
  const connection = await context.ensure();
  const lock = (await context.ask(list, {}, connection)).find((one) => one.key === key);
  if (!lock) {
    throw new DevlatchError(
      "INVALID_INPUT",
      `No one holds a lock ${printable(key)}.`,
      "The locks that are held: devlatch locks",
    );
  }
  const result = await withConsent(
    context,
    yes,
    (agreed) => request(take, { yes: agreed }, { ...caller, lock }, connection, signal),
    "Take it away?",
  );
  return { data: result, text: textOf(result) };
}

function textOf({ outcome, key, owner }: LockBreakResult): string {
  return outcome === "broken"
    ? `Took the lock ${printable(key)} from ${printable(owner ?? "its owner")}`
    : `The lock ${printable(key)} was released or changed hands meanwhile; nothing was taken away`;
}
