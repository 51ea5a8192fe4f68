import type { Log } from "../../shared/base/log.ts";
import type { OwedCleanups } from "../../shared/model/cleanup.ts";
import type { RunPlace } from "../../shared/model/keys.ts";
import type { ThreadMessage } from "../../shared/model/thread.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { ExclusiveLocks } from "../locks/lock-service.ts";

/** What runs read of the threads their hosts write. */
export interface RunThread {
  /** Which part of the thread a launch wrote so far. Where `launch.end` is there, the ends are final. */
  span(launchId: string):
    | {
        readonly launch: { readonly end?: { readonly exit: { code: number | null; signal: string | null } } };
        readonly firstSeq: number;
        readonly lastSeq: number;
        readonly firstOffset: number;
        readonly endOffset: number;
      }
    | undefined;
  after(cursor: number, limit: number): readonly ThreadMessage[];
  raw(fromOffset: number, maxBytes: number): { readonly offset: number; readonly bytes: Buffer };
}

/** How the parts of the runs module reach the rest of the world. */
export interface RunDependencies {
  readonly hosts: Hosts;
  readonly locks: ExclusiveLocks;
  /** The thread in a run's directory. */
  readonly thread: (directory: string) => RunThread;
  readonly cleanups: OwedCleanups;
  readonly log: Log;
  readonly machineId: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A run as a caller asks for it. */
export interface RunRequest extends RunPlace {
  readonly root: string;
  readonly command: readonly string[];
  /** Absolute real path. */
  readonly cwd: string;
  /** Variables given explicitly. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly callerEnvironment: Readonly<Record<string, string>>;
  readonly size?: { readonly columns: number; readonly rows: number };
  readonly callId: string;
  /** An execution that was lost and is to be repeated, unless another caller has done so. */
  readonly instead?: string;
  /** Oldest result that may be replayed, in milliseconds; undefined: none. */
  readonly replayMs?: number;
}
