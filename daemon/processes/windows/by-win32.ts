import { hostname } from "node:os";
import type {
  HiddenListener,
  Listener,
  PortClient,
  ProcessIdentity,
  ProcessView,
} from "../../../shared/model/process.ts";
import { localAddresses } from "../local-addresses.ts";
import { MarkMemory } from "../mark-memory.ts";
import { markOf, markOfCommand } from "../marks.ts";
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
import { endedCommand } from "../send-signal.ts";
import type { ReadOwn } from "../strangers.ts";
import { toOrigin } from "../to-origin.ts";
import { listProcesses, withProcess } from "./open-process.ts";
import { pidsInOwnJob } from "./own-job.ts";
import type { TableProcess } from "./process-table.ts";
import { ProcessViews } from "./process-views.ts";
import { type Scanned, toInfo, toScanned, toUsage } from "./scanned.ts";
import { Signals } from "./signals.ts";
import { readSockets } from "./sockets.ts";
import type { TableSocket } from "./tcp-table.ts";
import type { Win32 } from "./win32.ts";

/**
 * Processes and sockets through Windows' own functions, a call or two a question. There are no groups and sessions: the
 * tree is descendants, ledger, the mark in the environment, and what is in the host's Job Object, asked by the host.
 */
export class Win32Processes implements Processes {
  readonly #win32: Win32;
  readonly #readOwn: ReadOwn;
  readonly #views: ProcessViews;
  readonly #signals: Signals;
  readonly #marks = new MarkMemory();

  constructor(win32: Win32, readOwn: ReadOwn) {
    this.#win32 = win32;
    this.#readOwn = readOwn;
    this.#views = new ProcessViews(win32);
    this.#signals = new Signals(win32, this.#views);
  }

  async list(): Promise<readonly ProcessInfo[]> {
    return this.#scan().map(toInfo);
  }

  async identify(pid: number): Promise<ProcessIdentity | undefined> {
    const startTime = this.#startTime(pid);
    return startTime === undefined ? undefined : { pid, startTime };
  }

  async isAlive({ pid, startTime }: ProcessIdentity): Promise<boolean> {
    return this.#startTime(pid) === startTime;
  }

  async hasEnded(process: ProcessIdentity): Promise<boolean> {
    return !(await this.isAlive(process));
  }

  /** The first service there is starts once a boot, and of all processes can its start be seen. */
  async space(): Promise<string | undefined> {
    const services = listProcesses(this.#win32).find(({ name }) => name.toLowerCase() === "services.exe");
    return services && `${hostname()} ${services.startTime}`;
  }

  async describe(process: ProcessIdentity): Promise<ProcessView> {
    const view = this.#views.of(process);
    if (view !== undefined) return view;
    // It may not be opened, but its name can be seen.
    const found = this.#living().get(process.pid);
    const command = found?.startTime === process.startTime ? found.name : endedCommand;
    return { ...process, command };
  }

  async origin(pid: number, marked: boolean): Promise<ProcessOrigin | undefined> {
    const living = this.#living();
    const lineage = climb(pid, (one) => this.#ancestor(living.get(one)));
    return toOrigin(lineage, { marked }, async (one) => {
      const startTime = living.get(one)?.startTime;
      return startTime === undefined ? undefined : { pid: one, startTime };
    });
  }

  async members(root: TreeRoot): Promise<readonly ProcessInfo[]> {
    return this.#select(root, this.#scan()).map(toInfo);
  }

  async usage(roots: readonly TreeRoot[]): Promise<readonly (readonly ProcessUsage[])[]> {
    const processes = this.#scan();
    return roots.map((root) => this.#select(root, processes).map(toUsage));
  }

  async withVariable(name: string): Promise<readonly MarkedProcess[]> {
    return this.#scan().flatMap(({ pid, startTime, zombie }) => {
      const value = zombie
        ? undefined
        : this.#views.ownVariables({ pid, startTime })?.get(name.toUpperCase());
      return value === undefined ? [] : [{ pid, startTime, value }];
    });
  }

  async descendants(ancestor: ProcessIdentity, cookie: string): Promise<readonly ProcessIdentity[]> {
    if (this.#startTime(ancestor.pid) !== ancestor.startTime) return [];
    const root = { leader: unknownLeader, cookie, host: ancestor };
    const members = this.#select(root, this.#scan());
    return members.map(({ pid, startTime }) => ({ pid, startTime }));
  }

  async listeners(port?: number): Promise<readonly Listener[]> {
    return this.#listenersIn(this.#listening(port));
  }

  /** Windows names the owner of every socket. */
  async hiddenListeners(): Promise<readonly HiddenListener[]> {
    return [];
  }

  async listenersOf(processes: readonly ProcessIdentity[]): Promise<readonly Listener[]> {
    const wanted = new Set(processes.map(keyOf));
    const pids = new Set(processes.map(({ pid }) => pid));
    const sockets = this.#listening().filter(({ pid }) => pids.has(pid));
    return this.#listenersIn(sockets).filter((listener) => wanted.has(keyOf(listener)));
  }

  async listenersMark(port?: number): Promise<string | undefined> {
    const sockets = this.#listening(port);
    return sockets.map(({ pid, local }) => `${pid} ${local.address} ${local.port}`).join(", ");
  }

  async clients(port: number): Promise<readonly PortClient[]> {
    const isLocal = localAddresses();
    const sockets = readSockets(this.#win32, "all").filter(
      ({ pid, listens, remote }) => pid !== 0 && !listens && remote.port === port && isLocal(remote.address),
    );
    const byPid = Map.groupBy(sockets, ({ pid }) => pid);
    return this.#viewsOf([...byPid.keys()]).map((view) => ({
      ...view,
      connections: byPid.get(view.pid)?.length ?? 1,
    }));
  }

  signal(process: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
    return this.#signals.send(process, signal, (target) => this.describe(target));
  }

  async signalDescendants(
    ancestor: ProcessIdentity,
    cookie: string,
    signal: NodeJS.Signals,
  ): Promise<readonly ProcessIdentity[]> {
    return signalUntilNone(
      () => this.descendants(ancestor, cookie),
      (one) => this.#signals.sendAtOnce(one, signal),
    );
  }

  /** @returns undefined where no such process lives */
  #startTime(pid: number): string | undefined {
    const opened = withProcess(this.#win32, pid, 0, ({ startTime }) => startTime);
    if (opened === "gone") return undefined;
    // What may not be opened is there all the same, and the list has it.
    return opened === "denied" ? this.#living().get(pid)?.startTime : opened.found;
  }

  #living(): ReadonlyMap<number, TableProcess> {
    const living = listProcesses(this.#win32).filter(({ ended }) => !ended);
    return new Map(living.map((one) => [one.pid, one]));
  }

  /** In the host's eyes all in its job are below it, also those whose parent has ended, as with a subreaper elsewhere. */
  #scan(): readonly Scanned[] {
    const table = listProcesses(this.#win32);
    const inJob = pidsInOwnJob(this.#win32);
    return table.map((one) => {
      const isOrphan = one.pid !== process.pid && one.ppid === 0 && inJob?.has(one.pid) === true;
      return toScanned(isOrphan ? { ...one, ppid: process.pid } : one);
    });
  }

  #ancestor(found: TableProcess | undefined): Ancestor | undefined {
    if (found === undefined) return undefined;
    const { pid, ppid, name, startTime } = found;
    const command = this.#views.of({ pid, startTime })?.command;
    // The program's path may hold blanks, and its name is known.
    const words = command?.replace(/^(?:"[^"]*"|\S+)/, name.replaceAll(" ", "-"));
    return { pid, ppid, name, ...(words === undefined ? {} : { command: words }) };
  }

  #select(root: TreeRoot, processes: readonly Scanned[]): readonly Scanned[] {
    for (const one of this.#marks.unknownAmong(processes)) this.#marks.learn(one, this.#readMark(one));
    return selectTree(root, processes, (one) => this.#marks.of(one), this.#readOwn);
  }

  #readMark(process: ProcessIdentity): string | undefined {
    const variables = this.#views.ownVariables(process);
    return (
      (variables && markOf((name) => variables.get(name))) ?? markOfCommand(this.#views.of(process)?.command)
    );
  }

  #listening(port?: number): readonly TableSocket[] {
    const all = readSockets(this.#win32, "listening").filter(({ listens }) => listens);
    return port === undefined ? all : all.filter(({ local }) => local.port === port);
  }

  #listenersIn(sockets: readonly TableSocket[]): Listener[] {
    if (sockets.length === 0) return [];
    const views = new Map(this.#viewsOf(sockets.map(({ pid }) => pid)).map((view) => [view.pid, view]));
    return sockets.flatMap(({ pid, local }) => {
      const view = views.get(pid);
      return view === undefined ? [] : [{ ...view, ...local }];
    });
  }

  #viewsOf(pids: readonly number[]): ProcessView[] {
    const living = this.#living();
    return [...new Set(pids)].flatMap((pid) => {
      const found = living.get(pid);
      if (found === undefined) return [];
      const identity = { pid, startTime: found.startTime };
      return this.#views.of(identity) ?? { ...identity, command: found.name };
    });
  }
}
