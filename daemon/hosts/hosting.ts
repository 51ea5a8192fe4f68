import type { Log } from "../../shared/base/log.ts";
import type { Cleanup } from "../../shared/model/cleanup.ts";
import type { Exit } from "../../shared/model/exit.ts";
import type { ProcessIdentity } from "../../shared/model/process.ts";
import type { Hosting } from "../../shared/model/session.ts";
import { spokenSession } from "../../shared/model/session-names.ts";
import type { HostDescription } from "../host/protocol.ts";
import type { Processes } from "../processes/processes.ts";
import type { HostConnection } from "./client.ts";

/** Where a hosted session or run lives. */
export type Hosted = Extract<Hosting, { kind: "hosted" }>;

/** What hosts need of a session's or run's record. */
export interface HostableRecord {
  readonly session: string;
  readonly fence: number;
  readonly settings: {
    readonly command: readonly string[];
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
  };
  readonly stop: { readonly signal: string; readonly timeoutMs: number };
}

/** What a host is told beside the record. */
export interface HostWishes {
  readonly callerEnvironment: Readonly<Record<string, string>>;
  /** Variables laid over everything, e.g. `PORT`. */
  readonly exported: Readonly<Record<string, string>>;
  /** Written into the thread before anything the command says. */
  readonly note?: string | undefined;
  /** Size of the terminal; 120 by 30 unless told. */
  readonly size?: { readonly columns: number; readonly rows: number };
  /** Whether the leader's end is the end: what it leaves behind is ended then. */
  readonly endsWithLeader?: boolean;
}

/** A launch as its host recorded it. */
export interface RecordedLaunch {
  readonly host: ProcessIdentity;
  readonly leader: ProcessIdentity;
  readonly exit?: Exit | undefined;
}

/** How the daemon's side of the hosts reaches the rest of the world. */
export interface HostsDependencies {
  readonly processes: Processes;
  readonly output: {
    /** What the host recorded about a launch; undefined before it spawned anything. */
    launch(directory: string, launchId: string): RecordedLaunch | undefined;
  };
  readonly log: Log;
  /** The directory that holds one directory per session. */
  readonly sessionsDirectory: string;
  /** Where hosts record the signals they send. */
  readonly journalFile: string;
  /** Program and leading arguments of a session host. */
  readonly hostProgram: { readonly file: string; readonly args: readonly string[] };
}

/** What stands behind a hosted record now. */
export type HostState =
  | { readonly kind: "live" }
  /** The host process lives but doesn't answer. */
  | { readonly kind: "silent" }
  | { readonly kind: "gone"; readonly exit: Exit | undefined };

/** The same, with a connection to a living host, which is the caller's to end. */
export type HostCheck =
  | { readonly kind: "live"; readonly connection: HostConnection; readonly description: HostDescription }
  | Exclude<HostState, { kind: "live" }>;

/** Whether a record is hosted by this machine. */
export function hostedHere(
  record: { readonly hosting?: Hosting | undefined },
  machineId: string,
): Hosted | undefined {
  return record.hosting?.kind === "hosted" && record.hosting.machineId === machineId
    ? record.hosting
    : undefined;
}

/** What is left of a launch, as something to be ended later. */
export function leftoversOf(
  record: Pick<HostableRecord, "session" | "stop"> & { readonly sandboxId: string },
  { launchId, directory }: Hosted,
): Cleanup {
  const { session, stop, sandboxId } = record;
  const task = { kind: "end-launch", sandboxId, session, launchId, directory, stop } as const;
  return { what: "end what is left of", thing: `${spokenSession(session)} in ${sandboxId}`, task };
}
