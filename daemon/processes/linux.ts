import type {
  HiddenListener,
  Listener,
  PortClient,
  ProcessIdentity,
  ProcessView,
} from "../../shared/model/process.ts";
import { descendants } from "./descendants.ts";
import { localAddresses } from "./local-addresses.ts";
import { MarkMemory } from "./mark-memory.ts";
import { type Ancestor, climb, originOf, programOf } from "./origin.ts";
import { keyOf, PidHistory } from "./pid-history.ts";
import {
  type ProcStat,
  readBootId,
  readCommandLine,
  readCwd,
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
import { readClientSockets, readListeningSockets, type TcpSocket } from "./proc-net.ts";
import {
  type MarkedProcess,
  type Processes,
  type ProcessInfo,
  type ProcessOrigin,
  type ProcessUsage,
  type TreeRoot,
  unknownLeader,
} from "./processes.ts";
import { endedCommand, pidExists, sendSignal, signalAtOnce } from "./send-signal.ts";
import { queryListeningSockets } from "./sock-diag.ts";
import { findProxies, findSocketOwners, findSocketOwnersFast, type SocketOwners } from "./socket-owners.ts";
import { type ReadOwn, Strangers, strangersIn } from "./strangers.ts";
import { type ScannedProcess, selectMembers } from "./tree.ts";
import { userName } from "./users.ts";

type Scanned = ScannedProcess & Pick<ProcStat, "name" | "cpuTicks" | "childrenCpuTicks" | "suspended">;

/** Processes and sockets through /proc. */
export class LinuxProcesses implements Processes {
  readonly #bootId = readBootId();
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
    const identity = { pid, startTime: this.#startTime(stat) };
    this.#history.saw([identity]);
    return identity;
  }

  async isAlive(process: ProcessIdentity): Promise<boolean> {
    return this.#lives(process);
  }

  async hasEnded({ pid, startTime }: ProcessIdentity): Promise<boolean> {
    const stat = readStat(pid);
    if (stat === undefined) return !pidExists(pid);
    return stat.zombie || this.#startTime(stat) !== startTime;
  }

  async space(): Promise<string | undefined> {
    return readPidSpace();
  }

  async describe(process: ProcessIdentity): Promise<ProcessView> {
    return this.#describe(process);
  }

  async origin(pid: number): Promise<ProcessOrigin | undefined> {
    const self = readStat(pid);
    const leader = self && self.sid > 0 ? ancestor(self.sid) : undefined;
    const found = originOf(climb(pid, ancestor), leader);
    const process = found && (await this.identify(found.pid));
    if (!process) return undefined;
    const { terminal } = found;
    return { process, program: programOf(found), ...(terminal === undefined ? {} : { terminal }) };
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
      startTime: this.#startTime(stat),
    }));
    this.#history.saw(found);
    return this.#lives(ancestor) ? found : [];
  }

  async listeners(port?: number): Promise<readonly Listener[]> {
    const all = (await queryListeningSockets()) ?? readListeningSockets(port);
    const sockets = port === undefined ? all : all.filter((socket) => socket.port === port);
    if (sockets.length === 0) return [];
    if (port === undefined) return this.#listenersIn(findSocketOwners(sockets));
    const owners = findSocketOwnersFast(sockets);
    const seen = new Set([...owners.values()].flat());
    const hidden = sockets.filter((socket) => !seen.has(socket));
    return [...this.#listenersIn(owners), ...this.#listenersIn(findProxies(hidden))];
  }

  async hiddenListeners(port: number): Promise<readonly HiddenListener[]> {
    const all = (await queryListeningSockets()) ?? readListeningSockets(port);
    const sockets = all.filter((socket) => socket.port === port);
    if (sockets.length === 0) return [];
    const seen = new Set([...findSocketOwners(sockets).values()].flat());
    const hidden = sockets.filter((socket) => !seen.has(socket));
    const proxied = new Set([...findProxies(hidden).values()].flat());
    return hidden
      .filter((socket) => !proxied.has(socket))
      .map(({ address, uid }) => ({ port, address, user: userName(uid) }));
  }

  async listenersOf(processes: readonly ProcessIdentity[]): Promise<readonly Listener[]> {
    const sockets = (await queryListeningSockets()) ?? readListeningSockets();
    if (sockets.length === 0) return [];
    const living = processes.filter((process) => this.#lives(process)).map(({ pid }) => pid);
    return this.#listenersIn(findSocketOwners(sockets, living));
  }

  async listenersMark(port?: number): Promise<string | undefined> {
    const sockets = await queryListeningSockets();
    const wanted = port === undefined ? sockets : sockets?.filter((socket) => socket.port === port);
    return wanted?.map(({ inode }) => inode).join(" ");
  }

  async clients(port: number): Promise<readonly PortClient[]> {
    const sockets = readClientSockets(port);
    if (sockets.length === 0) return [];
    const isLocal = localAddresses();
    const owners = findSocketOwners(sockets.filter(({ address }) => isLocal(address)));
    return [...owners].flatMap(([pid, { length }]) => this.#clientOf(pid, length));
  }

  async signal(process: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
    if (!this.#lives(process)) return false;
    return sendSignal(process, signal, (target) => this.describe(target));
  }

  async signalDescendants(
    ancestor: ProcessIdentity,
    cookie: string,
    signal: NodeJS.Signals,
  ): Promise<readonly ProcessIdentity[]> {
    const signalled = new Map<string, ProcessIdentity>();
    for (let found = -1; found < signalled.size && this.#lives(ancestor); ) {
      found = signalled.size;
      for (const one of this.#descendants(ancestor.pid, cookie)) {
        const identity = { pid: one.pid, startTime: this.#startTime(one) };
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
    const leaderOrder = root.leader === unknownLeader ? 0 : this.#orderOf(root.leader.startTime);
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
    const strangers = new Strangers(this.#readOwn, (process) => this.#lives(process));
    return descendants(pid, cookie, (stat, mark) =>
      strangers.has({ pid: stat.pid, startTime: this.#startTime(stat) }, mark),
    );
  }

  #scan(): Scanned[] {
    const processes: Scanned[] = [];
    for (const pid of readPids()) {
      const stat = readStat(pid);
      if (stat === undefined) continue;
      const { startTicks, ...rest } = stat;
      processes.push({ ...rest, startTime: this.#startTime(stat), startOrder: startTicks });
    }
    return processes;
  }

  #lives({ pid, startTime }: ProcessIdentity): boolean {
    const stat = readStat(pid);
    return stat !== undefined && !stat.zombie && this.#startTime(stat) === startTime;
  }

  #describe({ pid, startTime }: ProcessIdentity): ProcessView {
    const name = readStat(pid)?.name;
    const command = readCommandLine(pid) ?? `[${name}]`;
    const cwd = readCwd(pid);
    const uid = readUid(pid);
    // Compared after reading: what was read must be this process' own, for people consent by it.
    if (!this.#lives({ pid, startTime })) return { pid, startTime, command: endedCommand };
    return {
      pid,
      startTime,
      command,
      ...(cwd === undefined ? {} : { cwd }),
      ...(uid === undefined ? {} : { user: userName(uid) }),
    };
  }

  #listenersIn(owners: SocketOwners): Listener[] {
    return [...owners].flatMap(([pid, owned]) => this.#listenersOf(pid, owned));
  }

  #listenersOf(pid: number, owned: readonly TcpSocket[]): Listener[] {
    const stat = readStat(pid);
    if (stat === undefined || stat.zombie) return [];
    const view = this.#describe({ pid, startTime: this.#startTime(stat) });
    return owned.map(({ address, port }) => ({ ...view, address, port }));
  }

  #clientOf(pid: number, connections: number): PortClient[] {
    const stat = readStat(pid);
    if (stat === undefined || stat.zombie) return [];
    return [{ ...this.#describe({ pid, startTime: this.#startTime(stat) }), connections }];
  }

  #startTime({ startTicks }: ProcStat): string {
    return `${this.#bootId}:${startTicks}`;
  }

  /** Ticks of a start time of this boot; undefined for another boot's. */
  #orderOf(startTime: string): number | undefined {
    const prefix = `${this.#bootId}:`;
    const ticks = startTime.startsWith(prefix) ? Number(startTime.slice(prefix.length)) : Number.NaN;
    return Number.isInteger(ticks) ? ticks : undefined;
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
