import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/**
 * The tests' own view of the system's processes, read from /proc. It shares no code with `daemon/processes`, which
 * it is there to check.
 */
export interface SeenProcess {
  readonly pid: number;
  /** In clock ticks since boot; with the pid it tells a process from any later one. */
  readonly startTime: string;
  readonly ppid: number;
  readonly pgid: number;
  readonly command: string;
}

/** The living process with this pid. Zombies don't live. */
export function seeProcess(pid: number): SeenProcess | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name is in parentheses and may itself hold spaces and parentheses (proc_pid_stat(5)).
  const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
  const [state, ppid, pgid, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (state === "Z" || state === "X") return undefined;
  const words = (read(`/proc/${pid}/cmdline`) ?? "").split("\0").join(" ").trim();
  return {
    pid,
    startTime: rest[16] ?? "",
    ppid: Number(ppid),
    pgid: Number(pgid),
    command: words === "" ? `[${name}]` : words,
  };
}

/** Whether this is the small leader that a session host puts above a command. */
export function isLeader({ command }: Pick<SeenProcess, "command">): boolean {
  return command.startsWith("/bin/sh -c") && command.includes(" devlatch-leader ");
}

/** Pid of the session host of a command: its parent, past the leader between them. */
export function hostOf(pid: number): number | undefined {
  const parent = seeProcess(seeProcess(pid)?.ppid ?? 0);
  return parent && isLeader(parent) ? parent.ppid : parent?.pid;
}

/** Every living process whose environment, as it was when the program began, has this variable with this value. */
export function processesWith(variable: string, value: string): SeenProcess[] {
  // Nothing else is read of those that haven't: there are hundreds, and this is asked again and again.
  return seen(allPids().filter((pid) => hasVariable(pid, variable, value)));
}

/** Whether the environment of a process, as it was when the program began, has this variable with this value. */
export function hasVariable(pid: number, variable: string, value: string): boolean {
  const entry = `${variable}=${value}\0`;
  const environment = attempt(() => readFileSync(`/proc/${pid}/environ`), Buffer.alloc(0));
  return environment.indexOf(entry) === 0 || environment.includes(`\0${entry}`);
}

/** Processes with this word in their command that have a file of a directory, or below it, open. */
export function withFilesIn(directory: string, word: string): SeenProcess[] {
  return allProcesses().filter(
    ({ pid, command }) =>
      command.includes(word) && openFiles(pid).some((path) => path.startsWith(`${directory}/`)),
  );
}

/** Processes whose working directory is this one, or below it. */
export function processesIn(directory: string): SeenProcess[] {
  return allProcesses().filter(({ pid }) => {
    try {
      const cwd = readlinkSync(`/proc/${pid}/cwd`);
      return cwd === directory || cwd.startsWith(`${directory}/`);
    } catch {
      return false; // It ended meanwhile, or may not be looked at.
    }
  });
}

function openFiles(pid: number): readonly string[] {
  // It may end, or close one of them meanwhile.
  const files = attempt(() => readdirSync(`/proc/${pid}/fd`), []);
  return files.map((fd) => attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`), ""));
}

/** All processes below these, by their parents. */
export function descendantsOf(roots: readonly Pick<SeenProcess, "pid">[]): SeenProcess[] {
  const all = allProcesses();
  const found = new Map<number, SeenProcess>();
  for (let above = roots.map(({ pid }) => pid); above.length > 0; ) {
    const below = all.filter(({ pid, ppid }) => above.includes(ppid) && !found.has(pid));
    for (const one of below) found.set(one.pid, one);
    above = below.map(({ pid }) => pid);
  }
  return [...found.values()];
}

/** Every living process this process may look at. */
export function allProcesses(): SeenProcess[] {
  return seen(allPids());
}

function allPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function seen(pids: readonly number[]): SeenProcess[] {
  return pids.map(seeProcess).filter((one) => one !== undefined);
}

/** Whether exactly this process still lives. */
export function isAlive(process: Pick<SeenProcess, "pid" | "startTime">): boolean {
  return seeProcess(process.pid)?.startTime === process.startTime;
}

/** Signals exactly this process; nothing happens if it is gone. */
export function signalProcess(target: Pick<SeenProcess, "pid" | "startTime">, signal: NodeJS.Signals): void {
  if (!isAlive(target)) return;
  try {
    process.kill(target.pid, signal);
  } catch (error) {
    if (isAlive(target)) throw error;
  }
}

/**
 * Ends what `find` finds, asked again until it finds nothing: SIGTERM first, SIGKILL after `graceMs`.
 * @throws Error naming those that live on after ten seconds more
 */
export async function endProcesses(find: () => readonly SeenProcess[], graceMs = 1000): Promise<void> {
  const begun = performance.now();
  const elapsed = () => performance.now() - begun;
  let isKilling = false;
  for (let left = find(); left.length > 0; left = find()) {
    if (elapsed() > graceMs + 10_000) throw new Error(`Could not end:\n${describeProcesses(left)}`);
    for (const target of left) signalProcess(target, isKilling ? "SIGKILL" : "SIGTERM");
    // To find them takes a look at all processes there are, to wait for them doesn't.
    const until = isKilling ? elapsed() + 100 : graceMs;
    while (left.some(isAlive) && elapsed() < until) await delay(20);
    isKilling = elapsed() >= graceMs;
  }
}

/** One line a process. */
export function describeProcesses(processes: readonly SeenProcess[]): string {
  return processes
    .map(({ pid, ppid, command }) => `  ${pid} (parent ${ppid}) ${command.slice(0, 200)}`)
    .join("\n");
}

function read(path: string): string | undefined {
  return attempt(() => readFileSync(path, "utf8"), undefined);
}

function attempt<T>(work: () => T, otherwise: T): T {
  try {
    return work();
  } catch {
    return otherwise;
  }
}
