import type { Log } from "../../shared/base/log.ts";
import type { OwedCleanups } from "../../shared/model/cleanup.ts";
import type { EventOf } from "../../shared/model/journal.ts";
import type { SandboxId } from "../../shared/model/sandbox.ts";
import type { Workspace } from "../detect/workspace.ts";
import type { ExclusiveLocks } from "../locks/lock-service.ts";
import type { Processes } from "../processes/processes.ts";
import type { RecordStore } from "../store/store.ts";

/** What became of a sandbox. */
export type SandboxHappening = Omit<EventOf<"sandbox">, "kind">;

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
export interface PoolDependencies {
  readonly locks: ExclusiveLocks;
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
