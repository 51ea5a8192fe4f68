import type { Log } from "../../shared/base/log.ts";
import type { OwedCleanups } from "../../shared/model/cleanup.ts";
import type { EventOf } from "../../shared/model/journal.ts";
import type { PortBlock, SandboxId } from "../../shared/model/sandbox.ts";
import type { Workspace } from "../detect/workspace.ts";
import type { ExclusiveLocks } from "../locks/lock-service.ts";
import type { Processes } from "../processes/processes.ts";
import type { RecordStore } from "../store/store.ts";

/** What became of a sandbox. */
export type SandboxHappening = Omit<EventOf<"sandbox">, "kind">;

/** What the pool needs of the servers and runs in its sandboxes. */
export interface SandboxSessions {
  /** Whether something of this sandbox runs or is being started or stopped. */
  live(sandboxId: SandboxId): Promise<boolean>;
  /** Stops all that runs there. @throws DevlatchError `STOP_INCOMPLETE`, `CONSENT_REQUIRED` */
  stop(sandboxId: SandboxId, signal: AbortSignal): Promise<void>;
  /** Removes records and output: the next owner starts with none. Nothing of it may run. */
  forget(sandboxId: SandboxId): Promise<void>;
}

/** Undoes what the setup of a sandbox made elsewhere, where one was begun. */
export type TearDown = (
  place: { readonly sandboxId: SandboxId; readonly root: string; readonly block: PortBlock },
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<void>;

/** How the parts of the pool reach the rest of the world. */
export interface PoolDependencies {
  readonly locks: ExclusiveLocks;
  readonly records: RecordStore;
  /** Milliseconds since the epoch by the store's clock: leases end by it. */
  readonly now: () => Promise<number>;
  readonly workspace: Pick<Workspace, "locate" | "describe" | "pool">;
  readonly processes: Processes;
  readonly sessions: SandboxSessions;
  readonly tearDown: TearDown;
  /** Told what becomes of sandboxes, e.g. to write it into the journal. */
  readonly onHappened?: (event: SandboxHappening) => void;
  readonly cleanups: OwedCleanups;
  readonly log: Log;
  readonly machineId: string;
  /** The pool's own files on this machine: one token a claimed sandbox, readable by this user alone. */
  readonly directory: string;
}
