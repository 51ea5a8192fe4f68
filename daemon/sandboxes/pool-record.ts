import * as z from "zod";
import { AppPorts, type PoolSandbox, SandboxId } from "../../shared/model/sandbox.ts";

/** Where a sandbox stands. Times are milliseconds since the epoch by the store's clock. */
export const SlotState = z.discriminatedUnion("kind", [
  /** Being made. A daemon that finds it so under the pool's lock knows that its maker is gone. */
  z.object({ kind: z.literal("creating"), since: z.number() }),
  z.object({ kind: z.literal("spare"), since: z.number() }),
  z.object({
    kind: z.literal("claimed"),
    since: z.number(),
    owner: z.string(),
    /** SHA-256 of the owner's token: the token itself is the owner's alone. */
    tokenDigest: z.string(),
    leaseMs: z.number(),
    expires: z.number(),
  }),
  /** Being cleaned for the next owner: never handed out until that is finished. */
  z.object({
    kind: z.literal("resetting"),
    since: z.number(),
    owner: z.string().nullable(),
    /** Whether the owner's work is safe; what is in the worktree from then on is half-cleaned and has no owner. */
    saved: z.boolean(),
  }),
]);
export type SlotState = z.infer<typeof SlotState>;

/** One sandbox of a pool. */
export const Slot = z.object({
  name: z.string(),
  sandboxId: SandboxId,
  path: z.string(),
  /** Its own directory in the repository's `.git/worktrees`; empty while it is being made. */
  gitDirectory: z.string(),
  /** The commit it was checked out at last. */
  commit: z.string(),
  ports: AppPorts,
  /** By how much the ports of its apps are shifted; also those of apps that have none in `ports`. */
  offset: z.int(),
  state: SlotState,
});
export type Slot = z.infer<typeof Slot>;
export type Lease = Extract<SlotState, { kind: "claimed" }>;

/** A pool as the store keeps it: one record, so that every change of it is one atomic write. */
export const PoolRecord = z.object({
  poolId: z.string(),
  machineId: z.string(),
  /** Main checkout of the repository. */
  main: z.string(),
  /** Directory whose configuration and apps hold, in the main checkout. */
  root: z.string(),
  /** Fencing token of the lock under which this was written; a lower one may not write over it. */
  fence: z.number(),
  slots: z.array(Slot),
  /** Programs of the repository's own git configuration that the user agreed to. */
  filters: z.array(z.string()).default([]),
});
export type PoolRecord = z.infer<typeof PoolRecord>;

export type ClaimedSlot = Slot & { readonly state: Lease };
export type ResettingSlot = Slot & { readonly state: Extract<SlotState, { kind: "resetting" }> };

export function isClaimed(slot: Slot): slot is ClaimedSlot {
  return slot.state.kind === "claimed";
}

/** Whether something was begun with it that has to be finished: under the pool's lock, no other daemon is at it. */
export function isUnfinished({ state }: Slot): boolean {
  return state.kind === "creating" || state.kind === "resetting";
}

/** @param now milliseconds since the epoch by the store's clock */
export function remainingMs(lease: Lease, now: number): number {
  return Math.max(0, Math.round(lease.expires - now));
}

/** A sandbox as all callers may see it. */
export function toPoolSandbox(slot: Slot, now: number): PoolSandbox {
  const { sandboxId, path, ports, state } = slot;
  const shown = { sandboxId, path, ports };
  if (state.kind === "claimed") {
    return { ...shown, state: "claimed", owner: state.owner, leaseMs: remainingMs(state, now) };
  }
  return { ...shown, state: state.kind === "spare" ? "spare" : "preparing", owner: null, leaseMs: null };
}
