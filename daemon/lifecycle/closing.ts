import { type CleanupFailure, cleanUp } from "../../shared/base/clean-up.ts";

/** What is closed when a daemon ends. */
export interface Closed {
  readonly monitor: { close(): Promise<void> };
  readonly locks: { close(): Promise<void> };
  readonly deadOwners: { leave(): Promise<void> };
  readonly store: { readonly healthy: boolean; close(): Promise<void> };
}

/** For each step, in milliseconds: the caller that ends a daemon waits for it. */
const deadlineMs = 2_000;

/**
 * Releases what the daemon holds, then closes the store under it. Each step is tried, whatever became of the others.
 * @returns what could not be done, and whether it is certain that nothing is held any more
 */
export async function closeStore({
  monitor,
  locks,
  deadOwners,
  store,
}: Closed): Promise<{ failures: readonly CleanupFailure[]; released: boolean }> {
  const terms = { deadlineMs };
  const held = await cleanUp(
    [
      { what: "end", thing: "the concurrency monitor", run: () => monitor.close() },
      { what: "release", thing: "the locks", run: () => locks.close() },
    ],
    terms,
  );
  const listed = await cleanUp(
    [{ what: "take this daemon off", thing: "the list of daemons", run: () => deadOwners.leave() }],
    terms,
  );
  // What is released while the store is away is released only here.
  const released = held.length + listed.length === 0 && store.healthy;
  const closed = await cleanUp([{ what: "close", thing: "the store", run: () => store.close() }], terms);
  return { failures: [...held, ...listed, ...closed], released };
}
