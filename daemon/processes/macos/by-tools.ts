import type {
  HiddenListener,
  Listener,
  PortClient,
  ProcessIdentity,
  ProcessView,
} from "../../../shared/model/process.ts";
import { localAddresses } from "../local-addresses.ts";
import { MarkMemory } from "../mark-memory.ts";
import type {
  MarkedProcess,
  Processes,
  ProcessInfo,
  ProcessOrigin,
  ProcessUsage,
  TreeRoot,
} from "../processes.ts";
import { selectTree } from "../select-tree.ts";
import { endedCommand, pidExists, sendSignal } from "../send-signal.ts";
import type { ReadOwn } from "../strangers.ts";
import { toOrigin } from "../to-origin.ts";
import { runTool } from "../tool.ts";
import type { ScannedProcess } from "../tree.ts";
import { userName } from "../users.ts";
import { lsofFields, parseLsofClients, parseLsofCwd, parseLsofListeners } from "./lsof-output.ts";
import {
  type PsProcess,
  parseLineage,
  parsePs,
  parsePsMarks,
  parsePsVariable,
  psColumns,
} from "./ps-output.ts";

/** `ps` and `lsof` end with 1 when nothing matches. */
const orNothing = [0, 1];

/**
 * Processes through `ps`, sockets and directories through `lsof`. Start times are whole seconds there, which is enough:
 * pids go round at 99999. `ps` shows environments of the user's own processes only, and of none that System Integrity
 * Protection guards; group, descendants and ledger find those.
 */
export class MacTools implements Processes {
  readonly #marks = new MarkMemory();
  readonly #readOwn: ReadOwn;

  constructor(readOwn: ReadOwn) {
    this.#readOwn = readOwn;
  }

  async list(): Promise<readonly ProcessInfo[]> {
    return parsePs(await runTool("ps", ["-axo", psColumns])).map(toInfo);
  }

  async identify(pid: number): Promise<ProcessIdentity | undefined> {
    const found = await this.#find(pid);
    return found === undefined ? undefined : { pid, startTime: startTimeOf(found) };
  }

  async isAlive({ pid, startTime }: ProcessIdentity): Promise<boolean> {
    // Cheap first: this is asked often while a tree ends, and a `ps` costs ten milliseconds.
    return pidExists(pid) && (await this.identify(pid))?.startTime === startTime;
  }

  async hasEnded({ pid, startTime }: ProcessIdentity): Promise<boolean> {
    return !pidExists(pid) || ((await this.identify(pid))?.startTime ?? startTime) !== startTime;
  }

  async space(): Promise<string | undefined> {
    const boot = await runTool("sysctl", ["-n", "kern.bootsessionuuid"]).catch(() => "");
    return boot.trim() || undefined;
  }

  async describe({ pid, startTime }: ProcessIdentity): Promise<ProcessView> {
    const [command, directory] = await Promise.all([
      runTool("ps", ["-ww", "-o", "command=", "-p", String(pid)], orNothing),
      runTool("lsof", ["-a", "-d", "cwd", "-p", String(pid), lsofFields], orNothing),
    ]);
    // Compared after reading: what was read must be this process' own, for people consent by it.
    const found = await this.#find(pid);
    if (found === undefined || startTimeOf(found) !== startTime)
      return { pid, startTime, command: endedCommand };
    const cwd = parseLsofCwd(directory);
    const user = userName(found.uid);
    return { pid, startTime, command: command.trim(), user, ...(cwd === undefined ? {} : { cwd }) };
  }

  async origin(pid: number, marked: boolean): Promise<ProcessOrigin | undefined> {
    const lineage = parseLineage(await runTool("ps", ["-axww", "-o", "pid=,ppid=,tty=,command="]), pid);
    return toOrigin(lineage, { marked }, (one) => this.identify(one));
  }

  async members(root: TreeRoot): Promise<readonly ProcessInfo[]> {
    const [processes, environments] = await Promise.all([
      runTool("ps", ["-axo", psColumns]),
      runTool("ps", ["-axEww", "-o", "pid=,command="]),
    ]);
    const marks = parsePsMarks(environments);
    const found = parsePs(processes).map(toScanned);
    const markOf = ({ pid }: Scanned) => marks.get(pid);
    return selectTree(root, found, markOf, this.#readOwn).map(({ startOrder: _, ...info }) => info);
  }

  async usage(roots: readonly TreeRoot[]): Promise<readonly (readonly ProcessUsage[])[]> {
    const found = parsePs(await runTool("ps", ["-axo", psColumns]));
    const processes = found.map(toScanned);
    await this.#learnMarks(processes);
    const usageOf = new Map(found.map((one) => [one.pid, toUsage(one)]));
    const markOf = (one: Scanned) => this.#marks.of(one);
    return roots.map((root) =>
      selectTree(root, processes, markOf, this.#readOwn).flatMap(({ pid }) => usageOf.get(pid) ?? []),
    );
  }

  async withVariable(name: string): Promise<readonly MarkedProcess[]> {
    const [processes, environments] = await Promise.all([
      runTool("ps", ["-axo", psColumns]),
      runTool("ps", ["-axEww", "-o", "pid=,command="]),
    ]);
    const values = parsePsVariable(environments, name);
    const living = parsePs(processes).filter(({ zombie }) => !zombie);
    return living.flatMap((found) => {
      const value = values.get(found.pid);
      return value === undefined ? [] : [{ pid: found.pid, startTime: startTimeOf(found), value }];
    });
  }

  async descendants(): Promise<readonly ProcessIdentity[]> {
    return [];
  }

  async listeners(port?: number): Promise<readonly Listener[]> {
    const which = port === undefined ? "-iTCP" : `-iTCP:${port}`;
    const sockets = parseLsofListeners(
      await runTool("lsof", ["-nP", which, "-sTCP:LISTEN", lsofFields], orNothing),
    );
    const found = await Promise.all(sockets.map((socket) => this.#listener(socket)));
    return found.filter((listener) => listener !== undefined);
  }

  async hiddenListeners(): Promise<readonly HiddenListener[]> {
    return [];
  }

  async listenersOf(): Promise<undefined> {
    return undefined;
  }

  async listenersMark(): Promise<string | undefined> {
    return undefined;
  }

  async clients(port: number): Promise<readonly PortClient[]> {
    const args = ["-nP", `-iTCP:${port}`, "-sTCP:ESTABLISHED", lsofFields];
    const isLocal = localAddresses();
    const sockets = parseLsofClients(await runTool("lsof", args, orNothing), port);
    const byPid = Map.groupBy(
      sockets.filter(({ address }) => isLocal(address)),
      ({ pid }) => pid,
    );
    const found = await Promise.all(
      [...byPid].map(async ([pid, { length }]) => {
        const identity = await this.identify(pid);
        return identity && { ...(await this.describe(identity)), connections: length };
      }),
    );
    return found.filter((client) => client !== undefined);
  }

  async signalDescendants(): Promise<readonly ProcessIdentity[]> {
    return [];
  }

  async signal(process: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
    if (!(await this.isAlive(process))) return false;
    return sendSignal(process, signal, (target) => this.describe(target));
  }

  async #learnMarks(processes: readonly ScannedProcess[]): Promise<void> {
    const unknown = this.#marks.unknownAmong(processes);
    if (unknown.length === 0) return;
    const pids = unknown.map(({ pid }) => pid).join(",");
    const text = await runTool("ps", ["-Eww", "-o", "pid=,command=", "-p", pids], orNothing);
    const marks = parsePsMarks(text);
    for (const one of unknown) this.#marks.learn(one, marks.get(one.pid));
  }

  async #find(pid: number): Promise<PsProcess | undefined> {
    const [found] = parsePs(await runTool("ps", ["-o", psColumns, "-p", String(pid)], orNothing));
    return found?.zombie === true ? undefined : found;
  }

  async #listener(socket: { pid: number; address: string; port: number }): Promise<Listener | undefined> {
    const identity = await this.identify(socket.pid);
    if (identity === undefined) return undefined;
    return { ...(await this.describe(identity)), address: socket.address, port: socket.port };
  }
}

/** Seconds since 1970 are never the same in two boots, so the boot needn't be named. */
function startTimeOf({ startedAt }: PsProcess): string {
  return String(startedAt);
}

type Scanned = ProcessInfo & ScannedProcess;

function toScanned(one: PsProcess): Scanned {
  return { ...toInfo(one), startOrder: one.startedAt };
}

/** `ps` there knows no shared pages: a tree's memory is more than would come free. */
function toUsage(one: PsProcess): ProcessUsage {
  const { pid, cpuMs, residentBytes } = one;
  return { pid, startTime: startTimeOf(one), cpuMs, childrenCpuMs: 0, memoryBytes: residentBytes };
}

function toInfo(one: PsProcess): ProcessInfo {
  const { pid, ppid, pgid, uid, zombie, suspended, name } = one;
  // `ps` there shows sessions as kernel addresses, or as 0.
  return { pid, ppid, pgid, sid: 0, uid, zombie, suspended, name, startTime: startTimeOf(one) };
}
