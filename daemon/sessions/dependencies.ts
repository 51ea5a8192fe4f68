import type { Log } from "../../shared/base/log.ts";
import type { OwedCleanups } from "../../shared/model/cleanup.ts";
import type { SourcePlace } from "../../shared/model/output.ts";
import type { PortBlock } from "../../shared/model/sandbox.ts";
import type { Workspace } from "../detect/workspace.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { ExclusiveLocks, LockService } from "../locks/lock-service.ts";
import type { Processes } from "../processes/processes.ts";
import type { Target } from "./target.ts";

/** What sessions need of threads: reading what a host wrote. */
export interface SessionOutput {
  /** The last lines of the last launch, oldest first. */
  tail(directory: string, lines: number): readonly string[];
  /** The line that a launch hasn't finished yet; empty where there is none. */
  unfinished(directory: string, launchId: string): string;
  /** Grows with every message. */
  lastSeq(directory: string): number;
}

/** The end of a program that a watcher runs and will start again, as the output tells it. */
export interface SeenCrash {
  /**
   * `told`: the watcher itself said that it waits; `shown`: the program's own last words, which others may say, too;
   * `uncompiled`: a compiler found errors, which ends nothing where the program runs all the same.
   */
  readonly proof: "told" | "shown" | "uncompiled";
  /** The part of a server that it is of, where a runner names it. */
  readonly source?: string;
  readonly message?: string;
  readonly place?: SourcePlace;
}

/** Gives apps of a repository's further worktrees ports of their own, which stay. */
export interface WorktreePorts {
  /**
   * @returns undefined where the target isn't in such a worktree, or has ports of its own already
   * @throws DevlatchError `PORT_CONFLICT` when there is no room left, `STORE_UNAVAILABLE`, the signal's reason
   */
  portOf(
    target: Target,
    signal: AbortSignal,
  ): Promise<{ readonly port: number; readonly block: PortBlock } | undefined>;
}

/** How the parts of the sessions module reach the rest of the world. */
export interface SessionDependencies {
  readonly processes: Processes;
  readonly hosts: Hosts;
  readonly locks: ExclusiveLocks & Pick<LockService, "list">;
  readonly output: SessionOutput;
  /** Whether a watched program has ended, by the last lines of its output. */
  readonly crashIn: (lines: readonly string[]) => SeenCrash | undefined;
  readonly cleanups: OwedCleanups;
  /** What runs on a port, and which apps are beside it. */
  readonly workspace: Pick<
    Workspace,
    "describe" | "onPort" | "seePort" | "kinships" | "startsAgain" | "missingModules"
  >;
  /** The ports of worktrees; absent: none has any of its own. */
  readonly worktrees?: WorktreePorts;
  /** The error in a program's last lines that its end is about, in words; undefined where none is understood. */
  readonly errorIn: (lines: readonly string[]) => string | undefined;
  readonly log: Log;
  readonly machineId: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
