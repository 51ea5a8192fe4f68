import { createRequire } from "node:module";
import {
  directoryBytes,
  type KernelProcess,
  kernelProcessBytes,
  type MacSocket,
  readDirectory,
  readKernelProcesses,
  readSocket,
  readSocketDescriptors,
  readStartArguments,
  readUsage,
  type StartArguments,
  socketBytes,
  usageBytes,
} from "./structures.ts";

/** What macOS' kernel says, through sysctl(3) and libproc; undefined where it doesn't, or may not. */
export interface LibProc {
  /** All processes, those of other users too; or one. */
  processes(pid?: number): readonly KernelProcess[] | undefined;
  startArguments(pid: number): StartArguments | undefined;
  directory(pid: number): string | undefined;
  usage(pid: number): { readonly cpuMs: number; readonly memoryBytes: number } | undefined;
  /** TCP sockets that a process has open; none where it may not be looked at. */
  sockets(pid: number): readonly MacSocket[];
  /** Session of a process; 0 where it can't be told. */
  session(pid: number): number;
  /** Names the boot. */
  boot(): string | undefined;
}

// <sys/sysctl.h> and <sys/proc_info.h>
const [ctlKern, kernProc, kernProcAll, kernProcPid, kernProcArgs2] = [1, 14, 0, 1, 49];
const [pidListDescriptors, pidDirectory, descriptorSocket, usageV0] = [1, 9, 3, 0];
/** The kernel keeps no more of a process' words and variables (ARG_MAX), in bytes. */
const mostArguments = 1024 * 1024;
/** Processes come and go between asking for the table's size and for the table. */
const mostTries = 8;

let loaded: { readonly libproc: LibProc | undefined } | undefined;

/**
 * @returns undefined on other systems, where the native part isn't installed or doesn't load, and where what it reads of
 *   this very process isn't true
 */
export function loadLibProc(): LibProc | undefined {
  loaded ??= { libproc: process.platform === "darwin" ? load() : undefined };
  return loaded.libproc;
}

function load(): LibProc | undefined {
  try {
    const libproc = bind(createRequire(import.meta.url)("koffi") as typeof import("koffi"));
    const { pid, ppid } = process;
    const startedAt = Date.now() - process.uptime() * 1000;
    const self = { pid, ppid, uid: process.geteuid?.() ?? -1, startedAt, cwd: process.cwd() };
    return isTrue(libproc, self) ? libproc : undefined;
  } catch {
    return undefined;
  }
}

/** How far the kernel's start time, in whole seconds, may be from Node's, in milliseconds. */
const startToleranceMs = 10_000;

/** What is known of a process by other means. */
export interface KnownProcess {
  readonly pid: number;
  readonly ppid: number;
  readonly uid: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly cwd: string;
}

/** Whether it reads of a process what is known of it: on a system whose structures are others nothing of it is believed. */
export function isTrue(libproc: LibProc, known: KnownProcess): boolean {
  const [one, ...others] = libproc.processes(known.pid) ?? [];
  const listed = libproc.processes()?.find(({ pid }) => pid === known.pid);
  if (one === undefined || others.length > 0 || listed?.startedAt !== one.startedAt) return false;
  const isSame = one.pid === known.pid && one.ppid === known.ppid && one.uid === known.uid && !one.zombie;
  const isTimely = Math.abs(one.startedAt - known.startedAt) <= startToleranceMs;
  const hasWords = (libproc.startArguments(known.pid)?.command ?? "") !== "";
  return isSame && isTimely && hasWords && libproc.directory(known.pid) === known.cwd;
}

function bind(koffi: typeof import("koffi")): LibProc {
  const system = koffi.load("/usr/lib/libSystem.B.dylib");
  const sysctl = system.func("int sysctl(void *, uint32, void *, void *, void *, size_t)");
  const sysctlByName = system.func("int sysctlbyname(const char *, void *, void *, void *, size_t)");
  const pidInfo = system.func("int proc_pidinfo(int, int, uint64, void *, int)");
  const descriptorInfo = system.func("int proc_pidfdinfo(int, int, int, void *, int)");
  const resourceUsage = system.func("int proc_pid_rusage(int, int, void *)");
  const getsid = system.func("int getsid(int)");
  const timebase = system.func("int mach_timebase_info(void *)");
  const clock = new Uint32Array(2);
  timebase(clock);
  const [numerator = 1, denominator = 1] = clock;
  let words: Buffer | undefined;

  /** @returns how much of the buffer was filled, in bytes */
  const read = (name: readonly number[], buffer: Buffer): number | undefined => {
    const size = BigUint64Array.of(BigInt(buffer.length));
    const failed = Number(sysctl(Int32Array.from(name), name.length, buffer, size, null, 0)) !== 0;
    return failed ? undefined : Number(size[0]);
  };
  const readAll = (name: readonly number[]): Buffer | undefined => {
    const needed = new BigUint64Array(1);
    for (let tries = 0; tries < mostTries; tries++) {
      if (Number(sysctl(Int32Array.from(name), name.length, null, needed, null, 0)) !== 0) return undefined;
      const buffer = Buffer.alloc(Number(needed[0]) + 32 * kernelProcessBytes);
      const filled = read(name, buffer);
      if (filled !== undefined) return buffer.subarray(0, filled);
    }
    return undefined;
  };
  return {
    processes: (pid) => {
      const which = pid === undefined ? [kernProcAll] : [kernProcPid, pid];
      const table = readAll([ctlKern, kernProc, ...which]);
      return table && readKernelProcesses(table);
    },
    startArguments: (pid) => {
      words ??= Buffer.alloc(mostArguments);
      const filled = read([ctlKern, kernProcArgs2, pid], words);
      return filled === undefined ? undefined : readStartArguments(words.subarray(0, filled));
    },
    directory: (pid) => {
      const buffer = Buffer.alloc(directoryBytes);
      const filled = Number(pidInfo(pid, pidDirectory, 0, buffer, buffer.length));
      return filled === buffer.length ? readDirectory(buffer) : undefined;
    },
    usage: (pid) => {
      const buffer = Buffer.alloc(usageBytes);
      if (Number(resourceUsage(pid, usageV0, buffer)) !== 0) return undefined;
      const { cpuTicks, memoryBytes } = readUsage(buffer);
      return { cpuMs: (Number(cpuTicks) * numerator) / denominator / 1_000_000, memoryBytes };
    },
    sockets: (pid) => {
      const needed = Number(pidInfo(pid, pidListDescriptors, 0, null, 0));
      if (needed <= 0) return [];
      const descriptors = Buffer.alloc(needed);
      const filled = Number(pidInfo(pid, pidListDescriptors, 0, descriptors, descriptors.length));
      return readSocketDescriptors(descriptors.subarray(0, Math.max(0, filled))).flatMap((descriptor) => {
        const socket = Buffer.alloc(socketBytes);
        const bytes = Number(descriptorInfo(pid, descriptor, descriptorSocket, socket, socket.length));
        return bytes === socket.length ? (readSocket(socket) ?? []) : [];
      });
    },
    session: (pid) => Math.max(0, Number(getsid(pid))),
    boot: () => {
      const [buffer, size] = [Buffer.alloc(64), BigUint64Array.of(64n)];
      if (Number(sysctlByName("kern.bootsessionuuid", buffer, size, null, 0)) !== 0) return undefined;
      return buffer.toString("latin1", 0, Number(size[0])).replace(/\0.*$/s, "") || undefined;
    },
  };
}
