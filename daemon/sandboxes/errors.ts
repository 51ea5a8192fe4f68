import { formatMs } from "../../shared/base/deadline.ts";
import { DevlatchError, type ErrorShape } from "../../shared/base/errors.ts";
import type { Listener } from "../../shared/model/process.ts";
import { isClaimed, remainingMs, type Slot } from "./pool-record.ts";
import type { Work } from "./work.ts";

/** Facts of `POOL_EXHAUSTED`, and of the `DEADLINE` of a claim that waited in vain. */
export interface Exhausted {
  readonly max: number;
  readonly owners: readonly { sandboxId: string; owner: string; leaseMs: number }[];
  /** Time until the next lease ends, in milliseconds; null while none is held. */
  readonly nextLeaseEndMs: number | null;
}

export function poolExhausted(slots: readonly Slot[], max: number, now: number): DevlatchError {
  const owners = slots
    .filter(isClaimed)
    .map(({ sandboxId, state }) => ({ sandboxId, owner: state.owner, leaseMs: remainingMs(state, now) }));
  const nextLeaseEndMs = owners.length === 0 ? null : Math.min(...owners.map(({ leaseMs }) => leaseMs));
  const data: Exhausted = { max, owners, nextLeaseEndMs };
  return new DevlatchError(
    "POOL_EXHAUSTED",
    `All ${slots.length} sandboxes of the pool are taken${ownersInWords(data)}.`,
    "Wait for one with --wait S, release one with devlatch sandbox release, or raise sandboxes.max in devlatch.json.",
    { data },
  );
}

function ownersInWords({ owners, nextLeaseEndMs }: Exhausted): string {
  if (owners.length === 0) return "";
  const names = owners.map(({ owner }) => owner).join(", ");
  const next =
    nextLeaseEndMs === 0
      ? "a lease has ended, but its sandbox holds work or a running server"
      : `the next lease ends in ${formatMs(nextLeaseEndMs ?? 0)}`;
  return `, by ${names}; ${next}`;
}

/** The claim waited as long as it was to. @param last what the pool said the last time it was asked */
export function waitedInVain(waitMs: number, last: ErrorShape): DevlatchError {
  return new DevlatchError(
    "DEADLINE",
    `No sandbox became free within ${formatMs(waitMs)}. ${last.message}`,
    "Try again, wait longer with --wait, or raise sandboxes.max in devlatch.json.",
    { data: last.data },
  );
}

export function notOwned(slot: Slot, why: string): DevlatchError {
  return new DevlatchError(
    "SANDBOX_NOT_OWNED",
    `The sandbox ${slot.sandboxId} (${slot.path}) ${why}.`,
    "Show the token that the claim printed with --token, or run this in the sandbox's own directory. See devlatch sandbox list.",
    { data: { sandboxId: slot.sandboxId, owner: isClaimed(slot) ? slot.state.owner : null } },
  );
}

export function unknownSandbox(what: string): DevlatchError {
  return new DevlatchError(
    "UNKNOWN_SANDBOX",
    `${what} is no sandbox of this pool.`,
    "See the sandboxes there are with: devlatch sandbox list",
  );
}

export function notClaimed(slot: Slot): DevlatchError {
  return new DevlatchError(
    "SANDBOX_BUSY",
    `${slot.path} is a sandbox that no one has claimed: another may be given it at any moment.`,
    "Claim a sandbox with: devlatch sandbox claim",
    { data: { sandboxId: slot.sandboxId } },
  );
}

export function holdsWork(slot: Slot, work: Work): DevlatchError {
  const few = work.changed.slice(0, 10).join(", ");
  const more = work.changed.length > 10 ? ` and ${work.changed.length - 10} more` : "";
  return new DevlatchError(
    "SANDBOX_CHANGED",
    `The sandbox ${slot.sandboxId} (${slot.path}) has uncommitted changes: ${few}${more}.`,
    "Commit them, or release with --discard: they are then kept on a branch devlatch/rescued-….",
    { data: { changed: work.changed } },
  );
}

/** A repository inside the sandbox: no commit of the sandbox's own repository can hold what is in it. */
export function holdsRepositories(slot: Slot, paths: readonly string[]): DevlatchError {
  return new DevlatchError(
    "SANDBOX_CHANGED",
    `The sandbox ${slot.sandboxId} (${slot.path}) holds repositories whose content can't be kept on a branch: ${paths.join(", ")}.`,
    "Push or move away what is in them and delete them (a submodule: bring it back to its recorded commit), then try again.",
    { data: { repositories: paths } },
  );
}

/** As {@link holdsRepositories}, for a worktree that no pool knows of. */
export function holdsRepositoriesAt(path: string, paths: readonly string[]): DevlatchError {
  return new DevlatchError(
    "SANDBOX_CHANGED",
    `The worktree ${path} holds repositories whose content can't be kept on a branch: ${paths.join(", ")}.`,
    "Push or move away what is in them and delete them, then try again.",
    { data: { repositories: paths } },
  );
}

export function serverRuns(slot: Slot, listeners: readonly Listener[]): DevlatchError {
  const names = listeners.map(({ command, pid, port }) => `\`${command}\` (pid ${pid}, port ${port})`);
  return new DevlatchError(
    "SANDBOX_BUSY",
    `The sandbox ${slot.sandboxId} (${slot.path}) is still in use: ${names.join(", ")} was started there by hand.`,
    "End it, then release again.",
    { data: { listeners } },
  );
}
