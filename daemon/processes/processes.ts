import type {
  HiddenListener,
  Listener,
  PortClient,
  ProcessIdentity,
  ProcessView,
} from "../../shared/model/process.ts";

/** A process as the operating system shows it. */
export interface ProcessInfo extends ProcessIdentity {
  readonly ppid: number;
  /** Process group and session (POSIX); 0 where the platform has none. */
  readonly pgid: number;
  readonly sid: number;
  readonly uid: number;
  /** Short name of the program (not the whole command line). */
  readonly name: string;
  /** A zombie has ended and only waits to be reaped: it isn't alive. */
  readonly zombie: boolean;
  /** Stopped by a signal, as Ctrl-Z does: it lives, and answers nothing. Never where the platform doesn't tell. */
  readonly suspended: boolean;
}

/** What one process uses. */
export interface ProcessUsage extends ProcessIdentity {
  /** CPU time since it began, of all its threads, in milliseconds. */
  readonly cpuMs: number;
  /** CPU time of its children that ended and that it waited for, in milliseconds; 0 where the platform doesn't tell. */
  readonly childrenCpuMs: number;
  /** Memory, in bytes: what it shares with other processes is left out as far as the platform can tell it apart. */
  readonly memoryBytes: number;
}

/** A process and the value of a variable it was started with. */
export interface MarkedProcess extends ProcessIdentity {
  readonly value: string;
}

/** On whose behalf a command runs. */
export interface ProcessOrigin {
  readonly process: ProcessIdentity;
  /** The program's name as people say it, e.g. `bash`. */
  readonly program: string;
  /** The terminal it stands for, e.g. `pts/3`; absent where there is none. */
  readonly terminal?: string;
  /** The agent's process that runs the command (see `agentRunning`), where one does. */
  readonly agent?: { readonly process: ProcessIdentity; readonly program: string };
}

/** What tells the processes of one launch from all others. */
export interface TreeRoot {
  /** The process that was spawned: leader of its own session and process group. */
  readonly leader: ProcessIdentity;
  /** Value of `DEVLATCH_LAUNCH` in every process of the tree. */
  readonly cookie: string;
  /**
   * The session host that spawned the leader, while it lives: what descends from it belongs to the tree. As a
   * subreaper (see `subreaper.ts`) it is where orphans come back to.
   */
  readonly host?: ProcessIdentity;
  /** Processes seen in the tree while it ran; a member that left its group and parent is still found. */
  readonly ledger?: readonly ProcessIdentity[];
}

/**
 * The leader of a tree of which only the cookie is known, e.g. because its host died before it wrote the leader down.
 */
export const unknownLeader: ProcessIdentity = { pid: -1, startTime: "unknown" };

/**
 * The operating system's processes and sockets. One implementation per platform (`linux.ts`, `macos.ts`,
 * `windows.ts`), chosen by `createProcesses()`.
 */
export interface Processes {
  /** Every process now. One consistent scan as far as the platform allows. */
  list(): Promise<readonly ProcessInfo[]>;
  /** Identity of a living process, or undefined if there is none (zombies don't live). */
  identify(pid: number): Promise<ProcessIdentity | undefined>;
  /** Whether exactly this process lives. */
  isAlive(process: ProcessIdentity): Promise<boolean>;
  /** Whether exactly this process surely has ended; false also where it can't be seen (another user's, `hidepid`). */
  hasEnded(process: ProcessIdentity): Promise<boolean>;
  /**
   * Names the space in which a pid and its start time mean one process: equal for two that see the same pids of the
   * same boot. Undefined where that can't be told.
   */
  space(): Promise<string | undefined>;
  /** Command line, directory and user, as far as they can be read. */
  describe(process: ProcessIdentity): Promise<ProcessView>;
  /**
   * On whose behalf a command runs (see `originOf`); undefined where the command can't be seen.
   * @param marked whether it says itself that an agent runs it
   */
  origin(pid: number, marked: boolean): Promise<ProcessOrigin | undefined>;
  /**
   * The user's living processes that were started with this environment variable, and its value there. None on
   * platforms that don't tell.
   */
  withVariable(name: string): Promise<readonly MarkedProcess[]>;
  /**
   * Living members of the tree: process group and session of the leader, cookie, descendants of any member, ledger.
   * Never the home's own daemon, session hosts and processes of their launches, also where they descend from it.
   */
  members(root: TreeRoot): Promise<readonly ProcessInfo[]>;
  /**
   * Living descendants of a living process, cheaper than a look at all, but those that belong to others than this
   * launch and what descends from them. None where the platform has no list of them.
   */
  descendants(ancestor: ProcessIdentity, cookie: string): Promise<readonly ProcessIdentity[]>;
  /**
   * What the living members of many trees use, by the membership of `members`, in one look at all processes. Cheap
   * enough for every few seconds: a process' environment is read when it is new, and remembered.
   * @returns a list of members for each root, in the order of the roots
   */
  usage(roots: readonly TreeRoot[]): Promise<readonly (readonly ProcessUsage[])[]>;
  /**
   * Every process that listens on TCP (on `port`, if given), IPv4 and IPv6. Listeners only, never clients.
   * @param isNear whether a process that works in this directory matters; others may be left out, where that is cheaper
   */
  listeners(port?: number, isNear?: (cwd: string) => boolean): Promise<readonly Listener[]>;
  /**
   * Sockets that listen on this port, of processes that can't be seen: another user's, or in another container. None on
   * platforms that don't tell.
   */
  hiddenListeners(port: number): Promise<readonly HiddenListener[]>;
  /**
   * The sockets that these processes listen on, as cheap as looking at no other process.
   * @returns undefined on platforms where that costs a look at all
   */
  listenersOf(processes: readonly ProcessIdentity[]): Promise<readonly Listener[] | undefined>;
  /**
   * Changes whenever a listening socket (on `port`, if given) comes or goes. Who owns it may change all the same.
   * @returns empty where no process listens; undefined where nothing cheap tells
   */
  listenersMark(port?: number): Promise<string | undefined>;
  /**
   * Every process of this machine that is connected to this TCP port of it, IPv4 and IPv6. Never who serves it.
   */
  clients(port: number): Promise<readonly PortClient[]>;
  /**
   * Signals exactly this process: pid and start time are compared immediately before.
   * @returns false if it no longer lives
   * @throws DevlatchError `CONSENT_REQUIRED` when the operating system refuses (another user's process)
   */
  signal(process: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean>;
  /**
   * Signals every descendant of a living process (as `descendants`), each in the same moment in which it is seen, again
   * and again until no new one is seen: a process that hops from pid to pid doesn't get away. What may not be signalled
   * is left out.
   * @returns the processes that were signalled; none on platforms where a look takes longer than such a hop
   */
  signalDescendants(
    ancestor: ProcessIdentity,
    cookie: string,
    signal: NodeJS.Signals,
  ): Promise<readonly ProcessIdentity[]>;
}

/** A signal that was sent. */
export interface SentSignal {
  readonly process: ProcessIdentity;
  readonly signal: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** What ending a tree came to. */
export interface TerminationReport {
  /** Processes that still live; empty means gone. */
  readonly survivors: readonly ProcessView[];
  /** Whether SIGKILL was needed. */
  readonly escalated: boolean;
  /** Every signal sent, in order, for the audit. */
  readonly signals: readonly SentSignal[];
  readonly elapsedMs: number;
  /**
   * Present when the tree is gone and its port still can't be bound: strangers hold it, named as far as they are
   * visible (another user's aren't). They were not signalled.
   */
  readonly portHeldBy?: readonly Listener[];
}
