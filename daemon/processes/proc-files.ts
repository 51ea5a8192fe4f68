import { closeSync, openSync, readdirSync, readlinkSync, readSync, statSync } from "node:fs";
import { markOf } from "./marks.ts";

/**
 * Reading /proc. Everything here is synchronous on purpose: procfs is memory, so a read never waits for a disk,
 * while the asynchronous calls cost a trip through the thread pool each (measured: 8 to 10 times slower for a scan
 * of all processes). One scan in one go is also as consistent as user space can have it.
 */

/** The fields of `/proc/<pid>/stat` that matter here. See proc_pid_stat(5). */
export interface ProcStat {
  readonly pid: number;
  readonly name: string;
  readonly ppid: number;
  readonly pgid: number;
  readonly sid: number;
  /** Device number of the controlling terminal; 0 where there is none. */
  readonly tty: number;
  /** Start of the process in clock ticks after boot. */
  readonly startTicks: number;
  /** CPU time, user and system, in clock ticks. */
  readonly cpuTicks: number;
  /** The same of all children it has waited for, and of theirs. */
  readonly childrenCpuTicks: number;
  readonly zombie: boolean;
  /** Stopped by a signal, as Ctrl-Z does; a debugger's stop (t) is none. */
  readonly suspended: boolean;
}

/**
 * Parses `/proc/<pid>/stat`. The name stands in parentheses and may itself contain blanks, parentheses and line
 * breaks, so the fields are counted from the last closing one.
 */
export function parseStat(text: string): ProcStat | undefined {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open < 1 || close < open) return undefined;
  // proc_pid_stat(5) numbers the fields from 1; the one after the name is number 3.
  const fields = text.slice(close + 2).split(" ");
  const field = (number: number) => Number(fields[number - 3]);
  const state = fields[0];
  const stat = {
    pid: Number(text.slice(0, open)),
    name: text.slice(open + 1, close),
    ppid: field(4),
    pgid: field(5),
    sid: field(6),
    tty: field(7),
    startTicks: field(22),
    cpuTicks: field(14) + field(15),
    childrenCpuTicks: field(16) + field(17),
    // A main thread that ended while others run on shows as Z too; that process lives.
    zombie: (state === "Z" || state === "X" || state === "x") && !(field(20) > 1),
    suspended: state === "T",
  };
  return Number.isInteger(stat.pid) && Number.isInteger(stat.startTicks) ? stat : undefined;
}

/** `/proc/<pid>/stat`, or undefined where there is no such process. */
export function readStat(pid: number): ProcStat | undefined {
  const content = readProcFile(`/proc/${pid}/stat`);
  return content === undefined ? undefined : parseStat(content.toString("utf8"));
}

/** `pts/3`, from the device number of a controlling terminal (proc_pid_stat(5), major numbers in devices.txt). */
export function terminalName(device: number): string | undefined {
  if (device === 0) return undefined;
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >>> 12) & 0xfff00);
  if (major >= 136 && major <= 143) return `pts/${(major - 136) * 256 + minor}`;
  return major === 4 && minor < 64 ? `tty${minor}` : `${major}:${minor}`;
}

/** Pids of all processes (threads are not listed). */
export function readPids(): number[] {
  const pids: number[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (pid > 0) pids.push(pid);
  }
  return pids;
}

/**
 * The kernel's own lists of a process' children, one for each of its threads. See proc_tid_children(5): what comes and
 * goes meanwhile may be missing.
 * @returns undefined where the kernel has no such lists
 */
export function readChildren(pid: number): number[] | undefined {
  const threads = skipVanished(() => readdirSync(`/proc/${pid}/task`));
  if (threads === undefined) return [];
  const lists = threads.map((thread) =>
    readProcFile(`/proc/${pid}/task/${thread}/children`)?.toString("latin1"),
  );
  if (lists.every((list) => list === undefined)) return readStat(pid) === undefined ? [] : undefined;
  return lists.flatMap((list) => (list ?? "").split(" ").filter(Boolean).map(Number));
}

/** Length of a clock tick in what /proc shows, in milliseconds: USER_HZ is 100 on every architecture Node runs on. */
export const tickMs = 10;

/**
 * Memory of a process that it shares with no file and no other process by design, in bytes: resident pages less those
 * of files and shared memory (statm, see proc_pid_statm(5)). A sum of plain RSS counts the pages of Node's own binary
 * once for each process. The exact answer, PSS in `smaps_rollup`, walks all page tables under a lock that the process
 * needs itself (measured: 3.3 ms for 300 MB, this 7 µs). What it counts twice is what a fork has yet to write to.
 */
export function readPrivateMemory(pid: number): number | undefined {
  const [, resident, shared] = readProcFile(`/proc/${pid}/statm`)?.toString("latin1").split(" ") ?? [];
  if (resident === undefined || shared === undefined) return undefined;
  return Math.max(0, Number(resident) - Number(shared)) * pageSize();
}

let knownPageSize: number | undefined;

/** The kernel tells every process its page size in the auxiliary vector, pairs of words (getauxval(3)). */
function pageSize(): number {
  knownPageSize ??= findPageSize(readProcFile("/proc/self/auxv") ?? Buffer.alloc(0)) ?? 4096;
  return knownPageSize;
}

function findPageSize(vector: Buffer): number | undefined {
  const pageSizeEntry = 6n;
  for (let at = 0; at + 16 <= vector.length; at += 16) {
    if (vector.readBigUInt64LE(at) === pageSizeEntry) return Number(vector.readBigUInt64LE(at + 8));
  }
  return undefined;
}

/** Value of a variable in the environment the process was started with; undefined where it can't be read. */
export function readVariable(pid: number, name: string): string | undefined {
  const content = readProcFile(`/proc/${pid}/environ`);
  return content === undefined ? undefined : entryValue(content, name);
}

/** Value of `name` in a list of NUL-terminated `NAME=value`. */
export function entryValue(list: Buffer, name: string): string | undefined {
  const wanted = Buffer.from(`${name}=`);
  for (let at = list.indexOf(wanted); at !== -1; at = list.indexOf(wanted, at + 1)) {
    if (at > 0 && list[at - 1] !== 0) continue;
    const end = list.indexOf(0, at);
    return list.toString("utf8", at + wanted.length, end === -1 ? list.length : end);
  }
  return undefined;
}

/** To whom a process belongs by its environment (see `markOf`); undefined also where that can't be read. */
export function readMark(pid: number): string | undefined {
  const content = readProcFile(`/proc/${pid}/environ`);
  return content && markOf((name) => entryValue(content, name));
}

/** The command line with blanks between its words; undefined if it is unreadable or empty (kernel threads). */
export function readCommandLine(pid: number): string | undefined {
  const text = readProcFile(`/proc/${pid}/cmdline`)
    ?.toString("utf8")
    .replace(/\0+$/, "")
    .replaceAll("\0", " ");
  return text === "" ? undefined : text;
}

export function readCwd(pid: number): string | undefined {
  return skipVanished(() => readlinkSync(`/proc/${pid}/cwd`));
}

/**
 * User id of a process. The directory keeps the process' own user; the files in it belong to root when the process
 * may not be dumped.
 */
export function readUid(pid: number): number | undefined {
  return skipVanished(() => statSync(`/proc/${pid}`).uid);
}

/** Targets of the process' open descriptors, e.g. `socket:[4711]`; empty where they can't be read. */
export function readDescriptors(pid: number): string[] {
  const directory = `/proc/${pid}/fd`;
  const targets: string[] = [];
  for (const fd of skipVanished(() => readdirSync(directory)) ?? []) {
    const target = skipVanished(() => readlinkSync(`${directory}/${fd}`));
    if (target !== undefined) targets.push(target);
  }
  return targets;
}

let tellsCounts: boolean | undefined;

/**
 * How many descriptors a process has open: the size of the directory, since Linux 6.2 (proc_pid_fd(5)). A tenth of the
 * time of reading it.
 * @returns undefined where that isn't known
 */
export function countDescriptors(pid: number): number | undefined {
  tellsCounts ??= statSync("/proc/self/fd").size > 0;
  return tellsCounts ? skipVanished(() => statSync(`/proc/${pid}/fd`).size) : undefined;
}

export function readBootId(): string {
  return readProcFile("/proc/sys/kernel/random/boot_id")?.toString("utf8").trim() || "unknown-boot";
}

/**
 * Boot and pid namespace, see pid_namespaces(7). The machine's id won't do: machines cloned from one image share it.
 * @returns undefined where either can't be read
 */
export function readPidSpace(): string | undefined {
  const boot = readProcFile("/proc/sys/kernel/random/boot_id")?.toString("utf8").trim();
  const namespace = skipVanished(() => readlinkSync("/proc/self/ns/pid"));
  return boot && namespace ? `${boot} ${namespace}` : undefined;
}

let buffer = Buffer.alloc(64 * 1024);

/**
 * The content of a file of procfs; valid until the next call (one buffer serves all).
 * Their size is only known at the end, and they may be longer than one read gives.
 */
export function readProcFile(path: string): Buffer | undefined {
  return readUntil(path, (count) => count === 0);
}

/** What the kernel gives of a table at once, at least: it makes its lines in a page of memory (fs/seq_file.c). */
const pageBytes = 4096;
/** No line of a table is longer. */
const lineBytes = 512;

/**
 * The same for a table of sockets. Where another line would have fit, there was none: asking once more to hear of the
 * end makes the kernel go through all its hash buckets again, milliseconds where it has many.
 */
export function readProcTable(path: string): Buffer | undefined {
  return readUntil(path, (count, room) => count + lineBytes < Math.min(pageBytes, room));
}

/** @param isEnd whether that was all, told what a read gave and how much it could have given, in bytes */
function readUntil(path: string, isEnd: (count: number, room: number) => boolean): Buffer | undefined {
  return skipVanished(() => {
    const fd = openSync(path, "r");
    try {
      let length = 0;
      for (;;) {
        if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.alloc(buffer.length)]);
        const room = buffer.length - length;
        const count = readSync(fd, buffer, length, room, null);
        length += count;
        if (count === 0 || isEnd(count, room)) return buffer.subarray(0, length);
      }
    } finally {
      closeSync(fd);
    }
  });
}

/**
 * Processes end during a scan, and those of other users hide their details: both are skipped. Any other error
 * (no descriptors left) must be heard, or a living tree would pass for a gone one.
 */
function skipVanished<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES" || code === "EPERM") return undefined;
    throw error;
  }
}
