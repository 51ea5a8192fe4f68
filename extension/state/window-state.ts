import type { ErrorShape } from "../../shared/base/errors.ts";
import type { Link } from "../../shared/client/live-client.ts";
import type { AlertBoard } from "../../shared/model/alert.ts";
import type { LockAlert } from "../../shared/model/concurrency.ts";
import type { HealthReport } from "../../shared/model/health.ts";
import type { LockView } from "../../shared/model/lock.ts";
import type { SandboxView } from "../../shared/model/sandbox.ts";
import type { SessionView } from "../../shared/model/session.ts";

/** A workspace folder and what the daemon says about it. */
export interface Folder {
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
}

export interface FolderState extends Folder {
  /** Undefined until the daemon described it; kept while disconnected. */
  readonly sandbox?: SandboxView;
  /** Set where the description was made in this window, from files alone: what runs isn't known. */
  readonly isFromFiles?: true;
  /** Why the last description failed. */
  readonly error?: ErrorShape;
}

/** A start before anything is launched. */
export interface Beginning {
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Whom it waits for: an app that it depends on, another start of it. */
  readonly waitsFor?: string;
}

/** Everything the window shows. */
export interface WindowState {
  readonly link: Link;
  readonly trusted: boolean;
  readonly folders: readonly FolderState[];
  readonly sessions: readonly SessionView[];
  readonly locks: readonly LockView[];
  /** When `locks` were read, in milliseconds since the epoch: their ages count from then. */
  readonly locksAt: number;
  readonly health: HealthReport | null;
  /** What is wrong with locks, the worst first. */
  readonly lockAlerts: readonly LockAlert[];
  /** Starts that this window has begun and that no record tells of yet, by the servers' keys. */
  readonly starts: ReadonlyMap<string, Beginning>;
  /** Names of this window's terminals in which servers were started by hand, by the servers' keys. */
  readonly terminals: ReadonlyMap<string, string>;
  /** Everything that is wrong now, and what the user wants to hear of it. */
  readonly board: AlertBoard;
}
