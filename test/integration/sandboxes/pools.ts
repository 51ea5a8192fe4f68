import { join } from "node:path";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { LockService } from "../../../daemon/locks/lock-service.ts";
import { createProcesses } from "../../../daemon/processes/create-processes.ts";
import type { PoolDependencies, SandboxSessions } from "../../../daemon/sandboxes/dependencies.ts";
import { Sandboxes } from "../../../daemon/sandboxes/service.ts";
import { openSqliteStore } from "../../../daemon/store/sqlite/store.ts";
import type { Store } from "../../../daemon/store/store.ts";
import type { Owner } from "../../support/owner.ts";
import type { TestRepository } from "./repository.ts";

/** A pool service as a daemon has it, on a store of its own beside the repository. */
export interface TestPools {
  readonly sandboxes: Sandboxes;
  readonly store: Store;
  readonly locks: LockService;
  /** Moves the store's clock on. */
  advance(ms: number): void;
  /** Sandboxes in which a server is said to run. */
  readonly serving: Set<string>;
  claim(terms?: Partial<Parameters<Sandboxes["claim"]>[0]>): ReturnType<Sandboxes["claim"]>;
  release(path: string, discard?: boolean): ReturnType<Sandboxes["release"]>;
}

const never = new AbortController().signal;

/**
 * @param wrapLocks puts something between the pool and its locks
 * @param sharedClock of several services on one store
 */
export async function openPools(
  owner: Owner,
  repository: TestRepository,
  wrapLocks: (locks: LockService) => PoolDependencies["locks"] = (locks) => locks,
  sharedClock = { aheadMs: 0 },
): Promise<TestPools> {
  const state = join(repository.path, "..", "state");
  const clock = () => Date.now() + sharedClock.aheadMs;
  const store = await openSqliteStore({ file: join(state, "store.db"), clock });
  const locks = new LockService(store.locks, { reaskMs: 50 });
  const serving = new Set<string>();
  const sessions: SandboxSessions = {
    live: async (sandboxId) => serving.has(sandboxId),
    stop: async (sandboxId) => void serving.delete(sandboxId),
    forget: async () => {},
  };
  const nothing = () => {};
  const sandboxes = new Sandboxes(
    {
      locks: wrapLocks(locks),
      records: store.records,
      now: () => store.now(),
      workspace: createWorkspace(),
      processes: createProcesses(),
      sessions,
      tearDown: async () => {},
      cleanups: { owe: nothing },
      log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
      machineId: "machine",
      directory: join(state, "tokens"),
    },
    // Tests sweep themselves.
    { everyMs: 3_600_000, spareMs: 1_000 },
  );
  await sandboxes.begin();
  owner.after(async () => {
    sandboxes.dispose();
    await locks.close();
    await store.close();
  });
  return {
    sandboxes,
    store,
    locks,
    serving,
    advance: (ms) => {
      sharedClock.aheadMs += ms;
    },
    claim: (terms = {}) =>
      sandboxes.claim({
        cwd: repository.path,
        owner: "tester",
        leaseMs: 60_000,
        waitMs: 0,
        yes: true,
        signal: never,
        ...terms,
      }),
    release: (path, discard = false) => sandboxes.release({ cwd: path, discard, signal: never }),
  };
}
