import treeKill from "tree-kill";
import type {
  HiddenListener,
  Listener,
  PortClient,
  ProcessIdentity,
  ProcessView,
} from "../../../shared/model/process.ts";
import { localAddresses } from "../local-addresses.ts";
import { markOfCommand } from "../marks.ts";
import { type Ancestor, climb } from "../origin.ts";
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
import {
  parseNetstat,
  parseNetstatClients,
  parseWindowsProcesses,
  processQuery,
  type WindowsProcess,
} from "./tools-output.ts";

/**
 * Processes through PowerShell, sockets through netstat. There are no groups, sessions or readable environments: the
 * tree is descendants and ledger, and SIGKILL takes along what `taskkill /T` finds below.
 */
export class WindowsTools implements Processes {
  readonly #readOwn: ReadOwn;

  constructor(readOwn: ReadOwn) {
    this.#readOwn = readOwn;
  }

  async list(): Promise<readonly ProcessInfo[]> {
    return (await query()).map(toScanned).map(toInfo);
  }

  async identify(pid: number): Promise<ProcessIdentity | undefined> {
    const found = await find(pid);
    return found === undefined ? undefined : { pid, startTime: found.started };
  }

  async isAlive({ pid, startTime }: ProcessIdentity): Promise<boolean> {
    // Cheap first: a PowerShell takes a good part of a second.
    return pidExists(pid) && (await find(pid))?.started === startTime;
  }

  async hasEnded({ pid, startTime }: ProcessIdentity): Promise<boolean> {
    return !pidExists(pid) || ((await find(pid))?.started ?? startTime) !== startTime;
  }

  /** Nothing cheap names the boot there. */
  async space(): Promise<string | undefined> {
    return undefined;
  }

  async describe({ pid, startTime }: ProcessIdentity): Promise<ProcessView> {
    const found = await find(pid);
    const command = found?.started === startTime ? found.command || found.name : endedCommand;
    return { pid, startTime, command };
  }

  /** There are no terminals to tell by: a terminal's program stands for all its tabs. */
  async origin(pid: number, marked: boolean): Promise<ProcessOrigin | undefined> {
    const processes = new Map((await query()).map((found) => [found.pid, found]));
    const identify = async (one: number) => {
      const startTime = processes.get(one)?.started;
      return startTime === undefined ? undefined : { pid: one, startTime };
    };
    const lineage = climb(pid, (one) => toAncestor(processes.get(one)));
    return toOrigin(lineage, { marked }, identify);
  }

  async members(root: TreeRoot): Promise<readonly ProcessInfo[]> {
    return select(root, (await query()).map(toScanned), this.#readOwn).map(toInfo);
  }

  async usage(roots: readonly TreeRoot[]): Promise<readonly (readonly ProcessUsage[])[]> {
    const found = await query();
    const processes = found.map(toScanned);
    const usageOf = new Map(found.map((one) => [one.pid, toUsage(one)]));
    return roots.map((root) =>
      select(root, processes, this.#readOwn).flatMap(({ pid }) => usageOf.get(pid) ?? []),
    );
  }

  async withVariable(): Promise<readonly MarkedProcess[]> {
    return [];
  }

  async descendants(): Promise<readonly ProcessIdentity[]> {
    return [];
  }

  async listeners(port?: number): Promise<readonly Listener[]> {
    const sockets = parseNetstat(await runTool("netstat", ["-ano"]));
    const wanted = sockets.filter((socket) => port === undefined || socket.port === port);
    if (wanted.length === 0) return [];
    const byPid = new Map((await query()).map((found) => [found.pid, found]));
    return wanted.flatMap(({ pid, address, port }) => {
      const found = byPid.get(pid);
      if (found === undefined) return [];
      return [{ pid, startTime: found.started, command: found.command || found.name, address, port }];
    });
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
    const isLocal = localAddresses();
    const sockets = parseNetstatClients(await runTool("netstat", ["-ano"]), port);
    const connections = Map.groupBy(
      sockets.filter(({ address }) => isLocal(address)),
      ({ pid }) => pid,
    );
    if (connections.size === 0) return [];
    return (await query()).flatMap(({ pid, started, command, name }) => {
      const count = connections.get(pid)?.length;
      return count === undefined
        ? []
        : [{ pid, startTime: started, command: command || name, connections: count }];
    });
  }

  async signalDescendants(): Promise<readonly ProcessIdentity[]> {
    return [];
  }

  async signal(process: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
    // No tool stops a process.
    if (signal === "SIGSTOP" || signal === "SIGCONT" || !(await this.isAlive(process))) return false;
    if (signal === "SIGKILL") {
      await killBelow(process.pid);
      if (!(await this.isAlive(process))) return true;
    }
    return sendSignal(process, signal, (target) => this.describe(target));
  }
}

/** `taskkill /T /F` through tree-kill. What it says is of no account: survivors are found by the next scan. */
function killBelow(pid: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  try {
    treeKill(pid, "SIGKILL", () => resolve());
  } catch {
    // It throws where its tools are missing; the process itself is still signalled directly.
    resolve();
  }
  return promise;
}

async function find(pid: number): Promise<WindowsProcess | undefined> {
  return (await query(`ProcessId=${pid}`))[0];
}

async function query(filter?: string): Promise<WindowsProcess[]> {
  const args = ["-NoProfile", "-NonInteractive", "-Command", processQuery(filter)];
  return parseWindowsProcesses(await runTool("powershell.exe", args));
}

type Scanned = ScannedProcess & Pick<WindowsProcess, "name" | "command">;

function select(root: TreeRoot, processes: readonly Scanned[], readOwn: ReadOwn): readonly Scanned[] {
  return selectTree(root, processes, ({ command }) => markOfCommand(command), readOwn);
}

function toUsage({ pid, started, user, kernel, memory }: WindowsProcess): ProcessUsage {
  const cpuMs = (Number(user) + Number(kernel)) / 10_000;
  return { pid, startTime: started, cpuMs, childrenCpuMs: 0, memoryBytes: Number(memory) };
}

function toScanned({ pid, ppid, name, command, started }: WindowsProcess): Scanned {
  const startOrder = Number(started);
  return { pid, ppid, name, command, startTime: started, startOrder, pgid: 0, sid: 0, zombie: false };
}

function toAncestor(found: WindowsProcess | undefined): Ancestor | undefined {
  // Paths there hold blanks: the name says more than the first word of the command line.
  return found && { pid: found.pid, ppid: found.ppid, name: found.name };
}

function toInfo({ startOrder: _order, command: _command, ...process }: Scanned): ProcessInfo {
  return { ...process, uid: -1, suspended: false };
}
