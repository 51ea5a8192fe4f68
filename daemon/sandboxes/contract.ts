import type { Log } from "../../shared/base/log.ts";
import type { OwedCleanups } from "../../shared/model/cleanup.ts";
import type { EventOf } from "../../shared/model/journal.ts";
import type { SandboxId } from "../../shared/model/sandbox.ts";
import type { Workspace } from "../detect/contract.ts";
import type { Processes } from "../processes/contract.ts";
import type { RecordStore } from "../store/contract.ts";

/** What work under a lock is told; see `LockGrant` of the lock service. */
export interface PoolGrant {
  readonly fence: number;
  readonly signal: AbortSignal;
}

/** What became of a sandbox. */
export type SandboxHappening = Omit<EventOf<"sandbox">, "kind">;

/** What the pool needs of locks. */
export interface PoolLocks {
  /**
   * Runs `work` under an exclusive lock that is renewed as long as it goes on.
   * @throws DevlatchError `LOCK_HELD` (waitMs is 0), `DEADLINE`, `LOCK_LOST`, `STORE_UNAVAILABLE`, or what `work` throws
   */
  withLock<T>(
    key: string,
    terms: { ttlMs: number; waitMs: number; owner: string; signal: AbortSignal },
    work: (grant: PoolGrant) => Promise<T>,
  ): Promise<T>;
}

/** What the pool needs of the sessions that run in its sandboxes. */
export interface SandboxSessions {
  /** Whether a server of this sandbox runs or is being started or stopped. */
  live(sandboxId: SandboxId): Promise<boolean>;
  /** Stops every server of this sandbox. @throws DevlatchError `STOP_INCOMPLETE`, `CONSENT_REQUIRED` */
  stop(sandboxId: SandboxId, signal: AbortSignal): Promise<void>;
  /** Removes records and output of its servers: the next owner starts with none. Nothing of it may run. */
  forget(sandboxId: SandboxId): Promise<void>;
}

/** How the parts of the pool reach the rest of the world. */
export interface PoolEnvironment {
  readonly locks: PoolLocks;
  readonly records: RecordStore;
  /** Milliseconds since the epoch by the store's clock: leases end by it. */
  readonly now: () => Promise<number>;
  readonly workspace: Pick<Workspace, "locate" | "describe" | "pool">;
  readonly processes: Processes;
  readonly sessions: SandboxSessions;
  /** Told what becomes of sandboxes, e.g. to write it into the journal. */
  readonly onHappened?: (event: SandboxHappening) => void;
  readonly cleanups: OwedCleanups;
  readonly log: Log;
  readonly machineId: string;
  /** The pool's own files on this machine: one token a claimed sandbox, readable by this user alone. */
  readonly directory: string;
}
