import { type LockKind, parseLockKey } from "../../shared/model/keys.ts";

/** A lock is short: held longer than this, it looks like a deadlock. In milliseconds. */
const shortMs = 60_000;

/** How long a lock of each kind may be held before that is worth an alert, in milliseconds. */
const limits: Readonly<Record<LockKind, number>> = {
  // It is held as long as a server takes to be ready, and that is told as a slow start.
  dev_server_start: Number.POSITIVE_INFINITY,
  // A lease is held as long as its run goes on.
  run: Number.POSITIVE_INFINITY,
  // Whole worktrees are made and cleaned under it.
  sandbox_pool: 10 * 60_000,
  sandbox_ports: shortMs,
};

/** How long this lock may be held before that is worth an alert, in milliseconds. */
export function holdLimitMs(key: string): number {
  const lock = parseLockKey(key);
  return lock ? limits[lock.kind] : shortMs;
}
