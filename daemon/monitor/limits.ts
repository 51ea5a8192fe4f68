/** A lock is short: held longer than this, it looks like a deadlock. In milliseconds. */
const shortMs = 60_000;

/** Under a pool's lock whole worktrees are made and cleaned. In milliseconds. */
const poolMs = 10 * 60_000;

/** Leases are held as long as their work goes on, and never look like a deadlock. By what their keys begin with. */
const leases = ["run:", "sandbox:"];

/** How long a lock may be held before that is worth an alert, in milliseconds. */
export function holdLimitMs(key: string): number {
  if (key.startsWith("sandbox_pool:")) return poolMs;
  return leases.some((prefix) => key.startsWith(prefix)) ? Number.POSITIVE_INFINITY : shortMs;
}
