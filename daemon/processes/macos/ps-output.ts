import { markOf, markVariables } from "../marks.ts";
import { type Ancestor, climb } from "../origin.ts";

/** Reading what `ps` of macOS prints (ps(1) of macOS, options `-o` and `-E`). Pure, so it is tested anywhere. */

/** A line of `ps -o pid=,ppid=,pgid=,uid=,stat=,rss=,time=,lstart=,comm=`. */
export interface PsProcess {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly uid: number;
  readonly zombie: boolean;
  readonly suspended: boolean;
  /** Resident memory, shared pages included, in bytes. */
  readonly residentBytes: number;
  /** User and system time, in milliseconds. */
  readonly cpuMs: number;
  /** Milliseconds since the epoch; whole seconds, `ps` knows no better. */
  readonly startedAt: number;
  readonly name: string;
}

/** The columns that `parsePs` reads. */
export const psColumns = "pid=,ppid=,pgid=,uid=,stat=,rss=,time=,lstart=,comm=";

// lstart is strftime's %c in the C locale: "Thu Aug  7 10:12:13 2025", read as UTC (ps runs with TZ=UTC).
const psLine =
  /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\d+)\s+([\d:.-]+)\s+\w{3}\s+(\w{3}\s+\d{1,2}\s+\d{2}:\d{2}:\d{2}\s+\d{4})\s+(.*)$/;

/** Parses the columns of `psColumns`; lines of another form are left out. */
export function parsePs(text: string): PsProcess[] {
  const processes: PsProcess[] = [];
  for (const line of text.split("\n")) {
    const [, pid, ppid, pgid, uid, stat = "", rss, time = "", started = "", command = ""] =
      psLine.exec(line) ?? [];
    const startedAt = Date.parse(`${started} UTC`);
    if (pid === undefined || Number.isNaN(startedAt)) continue;
    processes.push({
      pid: Number(pid),
      ppid: Number(ppid),
      pgid: Number(pgid),
      uid: Number(uid),
      zombie: stat.startsWith("Z"),
      suspended: stat.startsWith("T"),
      residentBytes: Number(rss) * 1024,
      cpuMs: parseCpuTime(time),
      startedAt,
      // comm is the program's whole path there, blanks included.
      name: command.trimEnd().split("/").at(-1) ?? "",
    });
  }
  return processes;
}

/** CPU time as `ps` prints it: `0:01.23`, `123:45.67` (minutes), also `1:02:03` and `2-03:04:05` (days, hours). */
function parseCpuTime(text: string): number {
  const [, days = "0", clock = ""] = /^(?:(\d+)-)?(.*)$/.exec(text) ?? [];
  const seconds = clock.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return Math.round((Number(days) * 86_400 + seconds) * 1000);
}

/**
 * Value of a variable, by pid, in `ps -E -o pid=,command=`: the environment follows the command line, so the last
 * counts.
 */
export function parsePsVariable(text: string, name: string): ReadonlyMap<number, string> {
  const values = new Map<number, string>();
  for (const line of text.split("\n")) {
    const [pid, ...words] = line.trim().split(/\s+/);
    const value = words.findLast((word) => word.startsWith(`${name}=`));
    if (value !== undefined) values.set(Number(pid), value.slice(name.length + 1));
  }
  return values;
}

/** To whom each process belongs by its environment (see `markOf`), by pid, in `ps -E -o pid=,command=`. */
export function parsePsMarks(text: string): ReadonlyMap<number, string> {
  const values = new Map(markVariables.map((name) => [name, parsePsVariable(text, name)]));
  const pids = [...values.values()].flatMap((found) => [...found.keys()]);
  const marks = pids.map((pid) => [pid, markOf((name) => values.get(name)?.get(pid))] as const);
  return new Map(marks.filter((entry): entry is [number, string] => entry[1] !== undefined));
}

/** A process and its ancestors, nearest first, from `ps -axww -o pid=,ppid=,tty=,command=`. */
export function parseLineage(text: string, pid: number): readonly Ancestor[] {
  const processes = new Map<number, Ancestor>();
  for (const line of text.split("\n")) {
    const [, own, ppid, tty, command = ""] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    // `??`: no controlling terminal.
    const terminal = tty === "??" || tty === undefined ? {} : { terminal: tty };
    if (own)
      processes.set(Number(own), { pid: Number(own), ppid: Number(ppid), name: "", command, ...terminal });
  }
  return climb(pid, (one) => processes.get(one));
}
