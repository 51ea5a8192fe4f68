import type { Log } from "../../shared/base/log.ts";
import type { AppPlan } from "../../shared/model/app.ts";
import type { OwedCleanups } from "../../shared/model/cleanup.ts";
import type { PortBlock, SandboxId } from "../../shared/model/sandbox.ts";
import type { LaunchRequest } from "../../shared/model/session.ts";
import type { Workspace } from "../detect/contract.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Processes } from "../processes/contract.ts";

/** What sessions need of locks. */
export interface StartLocks {
  /**
   * Runs `work` under an exclusive lock. The grant's signal aborts when the lock is lost.
   * @throws DevlatchError `DEADLINE`, `LOCK_LOST`, `STORE_UNAVAILABLE`, or what `work` throws
   */
  withLock<T>(
    key: string,
    options: { ttlMs: number; waitMs: number; owner: string; signal: AbortSignal },
    work: (grant: { fence: number; signal: AbortSignal }) => Promise<T>,
  ): Promise<T>;
}

/** What sessions need of threads: reading what a host wrote. */
export interface SessionOutput {
  /** The last lines of the last launch, oldest first. */
  tail(directory: string, lines: number): readonly string[];
}

/** How the parts of the sessions module reach the rest of the world. */
export interface SessionsEnvironment {
  readonly processes: Processes;
  readonly hosts: Hosts;
  readonly locks: StartLocks;
  readonly output: SessionOutput;
  readonly cleanups: OwedCleanups;
  /** What runs on a port, and which apps are beside it. */
  readonly workspace: Pick<Workspace, "describe" | "onPort">;
  readonly log: Log;
  readonly machineId: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** An app to act on, resolved. */
export interface Target {
  readonly sandboxId: SandboxId;
  readonly root: string;
  readonly plan: AppPlan;
  /** Where the sandbox is one of a pool. */
  readonly block?: PortBlock;
  /** What the caller asked for, kept for restarts. */
  readonly asked: LaunchRequest;
}
