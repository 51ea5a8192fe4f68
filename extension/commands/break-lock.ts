import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { toErrorShape } from "../../shared/base/errors.ts";
import { type LockView, ownerEvidence } from "../../shared/model/lock.ts";
import { request } from "../../shared/operations/operation.ts";
import { operations } from "../../shared/operations/operations.ts";
import { report } from "./report.ts";
import { ask, say } from "./say.ts";
import type { Services } from "./services.ts";

const { list, break: take } = operations.locks.requests;

/**
 * Takes a lock from its owner, after showing what is known of that owner.
 * @param argument a row of the Locks view; without one the user picks
 */
export async function breakLock(argument: unknown, services: Services): Promise<void> {
  try {
    // Looked at anew: a row may be older than the lock's last hand-over.
    const locks = await request(list, {}, {}, services.connection);
    const key = keyOfRow(argument);
    const lock = key === undefined ? await pick(locks) : locks.find((one) => one.key === key);
    if (lock) await confirmAndBreak(lock, services);
    else if (key !== undefined) void say("information", t("The lock {0} is free by now.", key));
  } catch (error) {
    report(toErrorShape(error), services);
  }
}

async function confirmAndBreak(lock: LockView, { connection }: Services): Promise<void> {
  const { key, fence, owner } = lock;
  const yes = t("Break It");
  const detail = t("Held by {0} (fencing token {1}).\n\n{2}", owner, fence, ownerEvidence(lock));
  const picked = await ask("warning", t("Take the lock {0} from its owner?", key), detail, yes);
  if (picked !== yes) return;
  const { outcome } = await request(take, { yes: true }, { lock }, connection);
  void say(
    "information",
    outcome === "broken"
      ? t("The lock {0} was taken from {1}.", key, owner)
      : t("The lock {0} was released or changed hands meanwhile; nothing was taken away.", key),
  );
}

async function pick(locks: readonly LockView[]): Promise<LockView | undefined> {
  if (locks.length === 0) {
    void say("information", t("No lock is held."));
    return undefined;
  }
  const items = locks.map((lock) => ({ label: lock.key, description: lock.owner, lock }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: t("Break which lock?") });
  return picked?.lock;
}

function keyOfRow(argument: unknown): string | undefined {
  if (typeof argument !== "object" || argument === null || !("lock" in argument)) return undefined;
  return String(argument.lock); // rows are ours: see ViewNode
}
