import { DevlatchError } from "../../../shared/base/errors.ts";
import type {
  HiddenListener,
  Listener,
  PortClient,
  ProcessIdentity,
  ProcessView,
} from "../../../shared/model/process.ts";
import { localAddresses } from "../local-addresses.ts";
import { MarkMemory } from "../mark-memory.ts";
import { markOf } from "../marks.ts";
import { type Ancestor, climb } from "../origin.ts";
import { keyOf } from "../pid-history.ts";
import {
  type MarkedProcess,
  type Processes,
  type ProcessInfo,
  type ProcessOrigin,
  type ProcessUsage,
  type TreeRoot,
  unknownLeader,
} from "../processes.ts";
import { selectTree, signalUntilNone } from "../select-tree.ts";
import { endedCommand, sendSignal, signalAtOnce } from "../send-signal.ts";
import type { ReadOwn } from "../strangers.ts";
import { toOrigin } from "../to-origin.ts";
import type { ScannedProcess } from "../tree.ts";
import { userName } from "../users.ts";
import type { LibProc } from "./libproc.ts";
import type { KernelProcess, MacSocket } from "./structures.ts";

type Scanned = ProcessInfo & ScannedProcess;

/** A socket with the process that has it. */
interface OwnedSocket extends MacSocket {
  readonly pid: number;
}

/**
 * Processes and sockets of macOS, asked of its kernel (see `LibProc`); start times are those of `ps`, so that either way
 * names the same process. It never ran on a real macOS: its structures are tested alone.
 */
export class MacProcesses implements Processes {
  readonly #libproc: LibProc;
  readonly #readOwn: ReadOwn;
  readonly #marks = new MarkMemory();

  constructor(libproc: LibProc, readOwn: ReadOwn) {
    this.#libproc = libproc;
    this.#readOwn = readOwn;
  }

  async list(): Promise<readonly ProcessInfo[]> {
    return this.#scan();
  }

  async identify(pid: number): Promise<ProcessIdentity | undefined> {
    const found = this.#find(pid);
    return found && { pid, startTime: startTimeOf(found) };
  }

  async isAlive({ pid, startTime }: ProcessIdentity): Promise<boolean> {
    const found = this.#find(pid);
    return found !== undefined && startTimeOf(found) === startTime;
  }

  async hasEnded(process: ProcessIdentity): Promise<boolean> {
    return !(await this.isAlive(process));
  }

  async space(): Promise<string | undefined> {
    return this.#libproc.boot();
  }

  async describe({ pid, startTime }: ProcessIdentity): Promise<ProcessView> {
    const command = this.#libproc.startArguments(pid)?.command;
    const cwd = this.#libproc.directory(pid);
    // Compared after reading: what was read must be this process' own, for people consent by it.
    const found = this.#find(pid);
    if (found === undefined || startTimeOf(found) !== startTime)
      return { pid, startTime, command: endedCommand };
    const user = userName(found.uid);
    return { pid, startTime, command: command || found.name, user, ...(cwd === undefined ? {} : { cwd }) };
  }

  async origin(pid: number, marked: boolean): Promise<ProcessOrigin | undefined> {
    const all = new Map(this.#processes().map((one) => [one.pid, one]));
    const lineage = climb(pid, (one) => this.#ancestor(all.get(one)));
    return toOrigin(lineage, { marked }, (one) => this.identify(one));
  }

  async members(root: TreeRoot): Promise<readonly ProcessInfo[]> {
    return this.#select(root, this.#scan());
  }

  async usage(roots: readonly TreeRoot[]): Promise<readonly (readonly ProcessUsage[])[]> {
    const processes = this.#scan();
    return roots.map((root) =>
      this.#select(root, processes).flatMap(({ pid, startTime }) => {
        const used = this.#libproc.usage(pid);
        return used === undefined ? [] : [{ pid, startTime, childrenCpuMs: 0, ...used }];
      }),
    );
  }

  async withVariable(name: string): Promise<readonly MarkedProcess[]> {
    return this.#scan().flatMap(({ pid, startTime, zombie }) => {
      const value = zombie ? undefined : this.#libproc.startArguments(pid)?.environment.get(name);
      return value === undefined ? [] : [{ pid, startTime, value }];
    });
  }

  async descendants(ancestor: ProcessIdentity, cookie: string): Promise<readonly ProcessIdentity[]> {
    if (!(await this.isAlive(ancestor))) return [];
    const root = { leader: unknownLeader, cookie, host: ancestor };
    return this.#select(root, this.#scan()).map(({ pid, startTime }) => ({ pid, startTime }));
  }

  async listeners(port?: number): Promise<readonly Listener[]> {
    return this.#listenersAmong(this.#processes(), port);
  }

  /** Sockets are found by their processes there: of those that may not be looked at nothing is known. */
  async hiddenListeners(): Promise<readonly HiddenListener[]> {
    return [];
  }

  async listenersOf(processes: readonly ProcessIdentity[]): Promise<readonly Listener[]> {
    const wanted = new Set(processes.map(keyOf));
    const found = processes.flatMap(({ pid }) => this.#find(pid) ?? []);
    const listeners = await this.#listenersAmong(found);
    return listeners.filter((listener) => wanted.has(keyOf(listener)));
  }

  async listenersMark(): Promise<string | undefined> {
    return undefined;
  }

  async clients(port: number): Promise<readonly PortClient[]> {
    const isLocal = localAddresses();
    const sockets = this.#sockets(this.#processes()).filter(
      ({ listens, remote }) => !listens && remote.port === port && isLocal(remote.address),
    );
    const byPid = [...Map.groupBy(sockets, ({ pid }) => pid)];
    const found = byPid.map(async ([pid, { length }]) => {
      const identity = await this.identify(pid);
      return identity && { ...(await this.describe(identity)), connections: length };
    });
    return (await Promise.all(found)).filter((client) => client !== undefined);
  }

  async signal(process: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
    if (!(await this.isAlive(process))) return false;
    return sendSignal(process, signal, (target) => this.describe(target));
  }

  async signalDescendants(
    ancestor: ProcessIdentity,
    cookie: string,
    signal: NodeJS.Signals,
  ): Promise<readonly ProcessIdentity[]> {
    return signalUntilNone(
      () => this.descendants(ancestor, cookie),
      ({ pid }) => signalAtOnce(pid, signal),
    );
  }

  /** @throws DevlatchError `INTERNAL` when the kernel doesn't answer: no answer isn't "no processes" */
  #processes(pid?: number): readonly KernelProcess[] {
    const found = this.#libproc.processes(pid);
    if (found !== undefined) return found;
    const what = "macOS doesn't say which processes there are.";
    throw new DevlatchError("INTERNAL", what, "Try again, and report it if it stays.");
  }

  #find(pid: number): KernelProcess | undefined {
    return this.#processes(pid).find((one) => one.pid === pid && !one.zombie);
  }

  #scan(): readonly Scanned[] {
    return this.#processes().map((one) => ({
      ...one,
      sid: this.#libproc.session(one.pid),
      startTime: startTimeOf(one),
      startOrder: one.startedAt,
    }));
  }

  #select(root: TreeRoot, processes: readonly Scanned[]): readonly Scanned[] {
    for (const one of this.#marks.unknownAmong(processes)) {
      const environment = this.#libproc.startArguments(one.pid)?.environment;
      this.#marks.learn(one, environment && markOf((name) => environment.get(name)));
    }
    return selectTree(root, processes, (one) => this.#marks.of(one), this.#readOwn);
  }

  #ancestor(found: KernelProcess | undefined): Ancestor | undefined {
    if (found === undefined || found.zombie) return undefined;
    const { pid, ppid, name, terminal } = found;
    const command = this.#libproc.startArguments(pid)?.command;
    return {
      ...{ pid, ppid, name },
      ...(command === undefined ? {} : { command }),
      ...(terminal === undefined ? {} : { terminal: terminalName(terminal) }),
    };
  }

  #sockets(processes: readonly KernelProcess[]): readonly OwnedSocket[] {
    return processes.flatMap(({ pid }) => this.#libproc.sockets(pid).map((socket) => ({ ...socket, pid })));
  }

  async #listenersAmong(processes: readonly KernelProcess[], port?: number): Promise<readonly Listener[]> {
    const sockets = this.#sockets(processes).filter(
      ({ listens, local }) => listens && (port === undefined || local.port === port),
    );
    const found = sockets.map(async ({ pid, local }) => {
      const identity = await this.identify(pid);
      return identity && { ...(await this.describe(identity)), ...local };
    });
    return (await Promise.all(found)).filter((listener) => listener !== undefined);
  }
}

/** Seconds since 1970 are never the same in two boots, so the boot needn't be named. */
function startTimeOf({ startedAt }: KernelProcess): string {
  return String(startedAt);
}

/** `ttys003`, as `ps` has it, for the number of a device: pseudo-terminals have 16 for their kind. */
function terminalName(device: number): string {
  const [kind, number] = [device >>> 24, device & 0xff_ffff];
  return kind === 16 ? `ttys${String(number).padStart(3, "0")}` : `tty ${device}`;
}
