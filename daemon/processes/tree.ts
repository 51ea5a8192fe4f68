import type { ProcessIdentity } from "../../shared/model/process.ts";
import type { TreeRoot } from "./processes.ts";

/** What membership is decided on, the same on every platform. */
export interface ScannedProcess extends ProcessIdentity {
  readonly ppid: number;
  /** 0 where the platform has none, as for `sid`. */
  readonly pgid: number;
  readonly sid: number;
  readonly zombie: boolean;
  /** Start time as a number that grows (ticks or milliseconds): a child is never older than its parent. */
  readonly startOrder: number;
}

/** One look at all processes. */
export interface TreeScan<T extends ScannedProcess> {
  readonly processes: readonly T[];
  /** Pid of the process that asks. It and its ancestors are never members. */
  readonly caller: number;
  /** `startOrder` of the tree's leader: no member is older. */
  readonly leaderOrder: number;
  /** To whom the process belongs by its own account; see `markOf`. */
  readonly markOf: (process: T) => string | undefined;
  /** Whether it really is another launch's, a host or a daemon, as its mark says; see `Strangers`. */
  readonly isStranger: (process: T, mark: string) => boolean;
  /** Whether the pid of a process that ended is provably not another one's now (see `PidHistory`). */
  readonly keepsPid: (process: ProcessIdentity) => boolean;
}

/**
 * The living members of a tree: the leader and the ledger; the children of the session host; who carries the cookie;
 * who is in a group or session led by the leader or a member; and descendants of any of them, until nothing new is
 * found. A process that proves to be another launch's, a host or a daemon is none of these, and leads to none.
 */
export function selectMembers<T extends ScannedProcess>(scan: TreeScan<T>, root: TreeRoot): readonly T[] {
  return new Selection(scan, root).run();
}

class Selection<T extends ScannedProcess> {
  readonly #scan: TreeScan<T>;
  readonly #root: TreeRoot;
  readonly #byPid: ReadonlyMap<number, T>;
  /** Leader and ledger, by pid. */
  readonly #known: ReadonlyMap<number, ProcessIdentity>;
  /** Pids of ended members that still name a group or session of ours. */
  readonly #ownNumbers = new Set<number>();
  readonly #members = new Map<number, T>();
  /** Pid of the session host, if it lives. */
  readonly #hostPid: number | undefined;
  #candidates: T[];

  constructor(scan: TreeScan<T>, root: TreeRoot) {
    this.#scan = scan;
    this.#root = root;
    this.#byPid = new Map(scan.processes.map((process) => [process.pid, process]));
    this.#known = new Map([...(root.ledger ?? []), root.leader].map((process) => [process.pid, process]));
    const host = root.host && this.#byPid.get(root.host.pid);
    this.#hostPid = host && host.startTime === root.host?.startTime ? host.pid : undefined;
    const excluded = lineage(scan.caller, this.#byPid);
    this.#candidates = scan.processes.filter(
      ({ pid, zombie, startOrder }) => !zombie && startOrder >= scan.leaderOrder && !excluded.has(pid),
    );
  }

  run(): readonly T[] {
    for (const known of this.#known.values()) if (this.#ownsNumber(known)) this.#ownNumbers.add(known.pid);
    this.#admit((process) => this.#known.get(process.pid)?.startTime === process.startTime);
    this.#close();
    this.#admit((process) => this.#scan.markOf(process) === this.#root.cookie);
    this.#vouch();
    this.#close();
    return [...this.#members.values()];
  }

  /** Takes in candidates that pass. @returns whether there were any */
  #admit(belongs: (process: T) => boolean): boolean {
    const rest: T[] = [];
    const before = this.#members.size;
    for (const process of this.#candidates) {
      if (!belongs(process)) rest.push(process);
      else if (!this.#isElsewhere(process)) this.#members.set(process.pid, process);
    }
    this.#candidates = rest;
    return this.#members.size > before;
  }

  /**
   * Daemons, hosts and the leaders of launches lead sessions of their own, and what they run is in those; reading what
   * others carry is dear. The leader is known, and before it has become its program it shows the environment of its host.
   */
  #isElsewhere(process: T): boolean {
    const { leader, cookie } = this.#root;
    const head = process.sid === 0 ? process : this.#byPid.get(process.sid);
    if (head === undefined || (head.pid === leader.pid && head.startTime === leader.startTime)) return false;
    const mark = this.#scan.markOf(head) ?? cookie;
    return mark !== cookie && this.#isStrangers(head, mark);
  }

  /** Whether it or one above it, up to what is of this tree, proves to be another's: a daemon's tools have only its mark. */
  #isStrangers(process: T, mark: string): boolean {
    const ours = new Set([this.#root.leader.pid, this.#hostPid]);
    const climbed = new Set<number>();
    for (let at: T | undefined = process; at !== undefined; at = this.#byPid.get(at.ppid)) {
      if (ours.has(at.pid) || climbed.has(at.pid)) return false;
      if (this.#scan.isStranger(at, mark)) return true;
      climbed.add(at.pid);
    }
    return false;
  }

  #close(): void {
    while (this.#admit((process) => this.#isLinked(process)));
  }

  /** Groups and sessions are inherited or led, never joined from outside the session: all in them descend from it. */
  #isLinked(process: T): boolean {
    if (this.#ownNumbers.has(process.sid) || this.#ownNumbers.has(process.pgid)) return true;
    if (process.ppid === this.#hostPid) return true;
    return [process.ppid, process.pgid, process.sid].some((pid) => {
      const linked = this.#members.get(pid);
      // Windows keeps a parent's pid after the parent ended: a younger process that has it now is no parent.
      return linked !== undefined && linked.startOrder <= process.startOrder;
    });
  }

  #ownsNumber(known: ProcessIdentity): boolean {
    const occupant = this.#byPid.get(known.pid);
    if (occupant !== undefined) return occupant.startTime === known.startTime;
    return this.#scan.keepsPid(known);
  }

  /**
   * A proven member in the session of an ended leader proves that session: a number isn't reused while it is in use.
   */
  #vouch(): void {
    for (const { sid, pgid } of this.#members.values()) {
      for (const pid of [sid, pgid]) {
        if (this.#known.has(pid) && !this.#byPid.has(pid)) this.#ownNumbers.add(pid);
      }
    }
  }
}

/** The process and all its ancestors. */
function lineage(pid: number, byPid: ReadonlyMap<number, ScannedProcess>): ReadonlySet<number> {
  const pids = new Set<number>();
  for (let at: number | undefined = pid; at !== undefined && !pids.has(at); at = byPid.get(at)?.ppid) {
    pids.add(at);
  }
  return pids;
}
