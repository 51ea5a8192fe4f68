import type { OpenCleanup } from "../../shared/model/cleanup.ts";
import type { RunRecord } from "../../shared/model/run.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Processes } from "../processes/processes.ts";

/** Something that seems to be left over. It is a finding once it was seen in several looks. */
export interface Suspect {
  /** Names this very thing (a launch, a process, a daemon), not just its place: its successor has another one. */
  readonly id: string;
  readonly level: "warning" | "problem";
  readonly summary: string;
  /** What a person can do instead of having it fixed. */
  readonly remedy: string;
  /** What a fix does, in words: "End them". */
  readonly action: string;
  /** Everything is checked again in the moment it is touched. May be repeated. @throws DevlatchError */
  fix(signal: AbortSignal): Promise<unknown>;
}

/** One kind of thing that can be left over. */
export interface Check {
  /** Stable name; ids of its suspects begin with it and a colon. */
  readonly name: string;
  /** Changes nothing. */
  look(signal: AbortSignal): Promise<readonly Suspect[]>;
}

/** How the checks reach the rest of the world. */
export interface DoctorDependencies {
  readonly processes: Processes;
  readonly hosts: Pick<Hosts, "stateOf" | "endRecorded" | "endLeftovers">;
  readonly sessions: {
    all(): readonly SessionRecord[];
    /** Whether something is being done about it just now. */
    isSettling(key: string): boolean;
    stop(record: SessionRecord, signal: AbortSignal): Promise<unknown>;
  };
  readonly runs: { list(): readonly RunRecord[] };
  /** Keys of all locks that are held now. */
  readonly heldLocks: () => Promise<ReadonlySet<string>>;
  readonly daemons: {
    ended(): Promise<readonly { readonly instance: string; readonly pid: number }[]>;
    release(instance: string): Promise<void>;
  };
  readonly threads: {
    /** Whether a launch is written down in the thread of this directory. */
    knows(directory: string, launchId: string): boolean;
    /** What is wrong with the thread's file; undefined where it can be read, or isn't there. */
    damage(directory: string): string | undefined;
    setAside(directory: string): void;
  };
  readonly pools: {
    suspects(heldLocks: ReadonlySet<string>, signal: AbortSignal): Promise<readonly Suspect[]>;
  };
  readonly cleanups: { list(): readonly OpenCleanup[]; retry(id: string): Promise<boolean> };
  /** Holds one directory a sandbox, and that one a session or run. */
  readonly sessionsDirectory: string;
  readonly machineId: string;
}
