import type {
  HiddenListener,
  Listener,
  PortClient,
  ProcessIdentity,
  ProcessView,
} from "../../shared/model/process.ts";
import { descendants } from "./descendants.ts";
import { LinuxIdentities } from "./linux-identities.ts";
import { LinuxSockets } from "./linux-sockets.ts";
import { MarkMemory } from "./mark-memory.ts";
import { type Ancestor, climb } from "./origin.ts";
import { keyOf, PidHistory } from "./pid-history.ts";
import {
  type ProcStat,
  readCommandLine,
  readMark,
  readPidSpace,
  readPids,
  readPrivateMemory,
  readStat,
  readUid,
  readVariable,
  terminalName,
  tickMs,
} from "./proc-files.ts";
import {
  type MarkedProcess,
  type Processes,
  type ProcessInfo,
  type ProcessOrigin,
  type ProcessUsage,
  type TreeRoot,
  unknownLeader,
} from "./processes.ts";
import { pidExists, sendSignal, signalAtOnce } from "./send-signal.ts";
import { type ReadOwn, Strangers, strangersIn } from "./strangers.ts";
import { toOrigin } from "./to-origin.ts";
import { type ScannedProcess, selectMembers } from "./tree.ts";

type Scanned = ScannedProcess & Pick<ProcStat, "name" | "cpuTicks" | "childrenCpuTicks" | "suspended">;

/** Processes and sockets through /proc. */
export class LinuxProcesses implements Processes {
  readonly #identities = new LinuxIdentities();
  readonly #sockets = new LinuxSockets(this.#identities);
  readonly #history = new PidHistory();
  readonly #marks = new MarkMemory();
  readonly #readOwn: ReadOwn;

  constructor(readOwn: ReadOwn) {
    this.#readOwn = readOwn;
  }

  async list(): Promise<readonly ProcessInfo[]> {
    return this.#scan().map(toInfo);
  }

  async identify(pid: number): Promise<ProcessIdentity | undefined> {
    const stat = readStat(pid);
    if (stat === undefined || stat.zombie) return undefined;
    const identity = { pid, startTime: this.#identities.startTime(stat) };
    this.#history.saw([identity]);
    return identity;
  }

  async isAlive(process: ProcessIdentity): Promise<boolean> {
    return this.#identities.isAlive(process);
  }

  async hasEnded({ pid, startTime }: ProcessIdentity): Promise<boolean> {
    const stat = readStat(pid);
    if (stat === undefined) return !pidExists(pid);
    return stat.zombie || this.#identities.startTime(stat) !== startTime;
  }

  async space(): Promise<string | undefined> {
    return readPidSpace();
  }

  async describe(process: ProcessIdentity): Promise<ProcessView> {
    return this.#identities.describe(process);
  }

  async origin(pid: number, marked: boolean): Promise<ProcessOrigin | undefined> {
    const self = readStat(pid);
    const leader = self && self.sid > 0 ? ancestor(self.sid) : undefined;
    return toOrigin(climb(pid, ancestor), { leader, marked }, (one) => this.identify(one));
  }

  async members(root: TreeRoot): Promise<readonly ProcessInfo[]> {
    return this.#select(root, this.#scan(), ({ pid }) => readMark(pid)).map(toInfo);
  }

  async withVariable(name: string): Promise<readonly MarkedProcess[]> {
    return this.#scan()
      .filter(({ zombie }) => !zombie)
      .flatMap(({ pid, startTime }) => {
        const value = readVariable(pid, name);
        return value === undefined ? [] : [{ pid, startTime, value }];
      });
  }

  async usage(roots: readonly TreeRoot[]): Promise<readonly (readonly ProcessUsage[])[]> {
    const processes = this.#scan();
    for (const one of this.#marks.unknownAmong(processes)) this.#marks.learn(one, readMark(one.pid));
    return roots.map((root) => this.#select(root, processes, (one) => this.#marks.of(one)).flatMap(toUsage));
  }

  async descendants(ancestor: ProcessIdentity, cookie: string): Promise<readonly ProcessIdentity[]> {
    const found = [...this.#descendants(ancestor.pid, cookie)].map((stat) => ({
      pid: stat.pid,
      startTime: this.#identities.startTime(stat),
    }));
    this.#history.saw(found);
    return this.#identities.isAlive(ancestor) ? found : [];
  }

  listeners(port?: number, isNear?: (cwd: string) => boolean): Promise<readonly Listener[]> {
    return this.#sockets.listeners(port, isNear);
  }

  hiddenListeners(port: number): Promise<readonly HiddenListener[]> {
    return this.#sockets.hiddenListeners(port);
  }

  listenersOf(processes: readonly ProcessIdentity[]): Promise<readonly Listener[]> {
    return this.#sockets.listenersOf(processes);
  }

  listenersMark(port?: number): Promise<string | undefined> {
    return this.#sockets.listenersMark(port);
  }

  clients(port: number): Promise<readonly PortClient[]> {
    return this.#sockets.clients(port);
  }

  async signal(process: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
    if (!this.#identities.isAlive(process)) return false;
    return sendSignal(process, signal, (target) => this.describe(target));
  }

  async signalDescendants(
    ancestor: ProcessIdentity,
    cookie: string,
    signal: NodeJS.Signals,
  ): Promise<readonly ProcessIdentity[]> {
    const signalled = new Map<string, ProcessIdentity>();
    for (let found = -1; found < signalled.size && this.#identities.isAlive(ancestor); ) {
      found = signalled.size;
      for (const one of this.#descendants(ancestor.pid, cookie)) {
        const identity = { pid: one.pid, startTime: this.#identities.startTime(one) };
        if (signalled.has(keyOf(identity)) || !signalAtOnce(one.pid, signal)) continue;
        signalled.set(keyOf(identity), identity);
      }
    }
    return [...signalled.values()];
  }

  #select(
    root: TreeRoot,
    processes: readonly Scanned[],
    markOf: (process: Scanned) => string | undefined,
  ): readonly Scanned[] {
    const leaderOrder = root.leader === unknownLeader ? 0 : this.#identities.orderOf(root.leader.startTime);
    // Started before the last boot: nothing of it can live.
    if (leaderOrder === undefined) return [];
    const keepsPid = (ended: ProcessIdentity) => this.#history.keeps(ended);
    const isStranger = strangersIn(processes, this.#readOwn);
    const scan = { processes, caller: process.pid, leaderOrder, markOf, isStranger, keepsPid };
    const members = selectMembers(scan, root);
    this.#history.saw(members);
    return members;
  }

  #descendants(pid: number, cookie: string): Generator<ProcStat> {
    const strangers = new Strangers(this.#readOwn, (process) => this.#identities.isAlive(process));
    return descendants(pid, cookie, (stat, mark) =>
      strangers.has({ pid: stat.pid, startTime: this.#identities.startTime(stat) }, mark),
    );
  }

  #scan(): Scanned[] {
    const processes: Scanned[] = [];
    for (const pid of readPids()) {
      const stat = readStat(pid);
      if (stat === undefined) continue;
      const { startTicks, ...rest } = stat;
      processes.push({ ...rest, startTime: this.#identities.startTime(stat), startOrder: startTicks });
    }
    return processes;
  }
}

function ancestor(pid: number): Ancestor | undefined {
  const stat = readStat(pid);
  if (stat === undefined || stat.zombie) return undefined;
  const command = readCommandLine(pid);
  const terminal = terminalName(stat.tty);
  const { name, ppid } = stat;
  return {
    ...{ pid, ppid, name },
    ...(command === undefined ? {} : { command }),
    ...(terminal === undefined ? {} : { terminal }),
  };
}

function toInfo({ pid, ppid, pgid, sid, name, zombie, suspended, startTime }: Scanned): ProcessInfo {
  // -1, not 0, for one that vanished meanwhile: 0 would be root.
  return { pid, ppid, pgid, sid, name, zombie, suspended, startTime, uid: readUid(pid) ?? -1 };
}

/** Nothing for a process that ended since the look at all of them. */
function toUsage({ pid, startTime, cpuTicks, childrenCpuTicks }: Scanned): ProcessUsage[] {
  const memoryBytes = readPrivateMemory(pid);
  if (memoryBytes === undefined) return [];
  return [
    { pid, startTime, cpuMs: cpuTicks * tickMs, childrenCpuMs: childrenCpuTicks * tickMs, memoryBytes },
  ];
}
