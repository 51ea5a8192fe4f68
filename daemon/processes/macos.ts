import type { Listener, ProcessIdentity, ProcessView } from "../../shared/model/process.ts";
import {
  cookieVariable,
  type Processes,
  type ProcessInfo,
  type ProcessOrigin,
  type TreeRoot,
  unknownLeader,
} from "./contract.ts";
import { lsofFields, parseLsofCwd, parseLsofListeners } from "./lsof-output.ts";
import { originOf, programOf } from "./origin.ts";
import { type PsProcess, parseLineage, parsePs, parsePsEnvironment, psColumns } from "./ps-output.ts";
import { endedCommand, pidExists, sendSignal } from "./send-signal.ts";
import { runTool } from "./tool.ts";
import { selectMembers } from "./tree.ts";
import { userName } from "./users.ts";

/** `ps` and `lsof` end with 1 when nothing matches. */
const orNothing = [0, 1];

/**
 * Processes through `ps`, sockets and directories through `lsof`. Start times are whole seconds there, which is enough:
 * pids go round at 99999. `ps` shows environments of the user's own processes only, and of none that System Integrity
 * Protection guards; group, descendants and ledger find those.
 */
export class MacProcesses implements Processes {
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

  async origin(pid: number): Promise<ProcessOrigin | undefined> {
    const found = originOf(
      parseLineage(await runTool("ps", ["-axww", "-o", "pid=,ppid=,tty=,command="]), pid),
    );
    const process = found && (await this.identify(found.pid));
    if (!process) return undefined;
    const { terminal } = found;
    return { process, program: programOf(found), ...(terminal === undefined ? {} : { terminal }) };
  }

  async members(root: TreeRoot): Promise<readonly ProcessInfo[]> {
    const [processes, environments] = await Promise.all([
      runTool("ps", ["-axo", psColumns]),
      runTool("ps", ["-axEww", "-o", "pid=,command="]),
    ]);
    const marked = parsePsEnvironment(environments, `${cookieVariable}=${root.cookie}`);
    return selectMembers(
      {
        processes: parsePs(processes).map((one) => ({ ...toInfo(one), startOrder: one.startedAt })),
        caller: process.pid,
        leaderOrder: root.leader === unknownLeader ? 0 : Number(root.leader.startTime),
        carriesCookie: ({ pid }) => marked.has(pid),
        keepsPid: () => false,
      },
      root,
    ).map(({ startOrder: _, ...info }) => info);
  }

  async listeners(port?: number): Promise<readonly Listener[]> {
    const which = port === undefined ? "-iTCP" : `-iTCP:${port}`;
    const sockets = parseLsofListeners(
      await runTool("lsof", ["-nP", which, "-sTCP:LISTEN", lsofFields], orNothing),
    );
    const found = await Promise.all(sockets.map((socket) => this.#listener(socket)));
    return found.filter((listener) => listener !== undefined);
  }

  async signalDescendants(): Promise<readonly ProcessIdentity[]> {
    return [];
  }

  async signal(process: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
    if (!(await this.isAlive(process))) return false;
    return sendSignal(process, signal, (target) => this.describe(target));
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

function toInfo(one: PsProcess): ProcessInfo {
  const { pid, ppid, pgid, uid, zombie, name } = one;
  // `ps` there shows sessions as kernel addresses, or as 0.
  return { pid, ppid, pgid, sid: 0, uid, zombie, name, startTime: startTimeOf(one) };
}
