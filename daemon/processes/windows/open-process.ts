import { DevlatchError } from "../../../shared/base/errors.ts";
import { type ProcessBlock, type ReadMemory, readProcessBlock } from "./process-block.ts";
import { readProcessTable, startTimeOf, type TableProcess, withTrueParents } from "./process-table.ts";
import type { Handle, Win32 } from "./win32.ts";

/** What a process is opened for (winnt.h). */
export const access = {
  terminate: 0x0001,
  readMemory: 0x0010,
  suspendResume: 0x0800,
  query: 0x0400,
  /** Start time and user, of other users' processes too. */
  queryLimited: 0x1000,
  wait: 0x10_0000,
} as const;

/** A process by its pid: there is none; it may not be opened; or it is there. */
export type Opened<T> = "gone" | "denied" | { readonly found: T };

/** An open process: its pid can't become another's while it is. */
export interface OpenProcess {
  readonly handle: Handle;
  /** See `startTimeOf`. */
  readonly startTime: string;
}

const systemProcessInformation = 5;
const statusLengthMismatch = 0xc000_0004 | 0;
/** Twice what some thousand processes take. */
const mostTableBytes = 64 * 1024 * 1024;
/** What OpenProcess says where there is no such process; all else is unknown, not gone. */
const errorInvalidParameter = 87;
const waitTimeout = 258;

let tableBuffer = Buffer.alloc(256 * 1024);

/**
 * Every process, in one call; also those that may not be opened.
 * @throws DevlatchError `INTERNAL` when the kernel doesn't answer: no answer isn't "no processes"
 */
export function listProcesses(win32: Win32): readonly TableProcess[] {
  const needed = new Uint32Array(1);
  for (;;) {
    const { length } = tableBuffer;
    const status = win32.ntQuerySystemInformation(systemProcessInformation, tableBuffer, length, needed);
    if (status === 0) return withTrueParents(readProcessTable(tableBuffer, win32.addressOf(tableBuffer)));
    if (status !== statusLengthMismatch || length >= mostTableBytes) throw unreadable(status);
    tableBuffer = Buffer.alloc(Math.max(length * 2, (needed[0] ?? 0) * 2));
  }
}

/**
 * Whether the table and the process itself say the same of the one that asks: where structures are others (a Node of 32
 * bits) nothing of them is believed.
 */
export function isTrue(win32: Win32): boolean {
  try {
    const listed = listProcesses(win32).find(({ pid }) => pid === process.pid);
    const opened = withProcess(
      win32,
      process.pid,
      access.query | access.readMemory,
      ({ handle, startTime }) => {
        const cwd = readBlock(win32, handle)?.block.cwd;
        return { startTime, cwd };
      },
    );
    if (listed === undefined || typeof opened === "string") return false;
    return opened.found.startTime === listed.startTime && opened.found.cwd !== undefined;
  } catch {
    return false;
  }
}

function unreadable(status: number): DevlatchError {
  return new DevlatchError(
    "INTERNAL",
    `Windows doesn't say which processes there are (status 0x${(status >>> 0).toString(16)}).`,
    "Try again, and report it if it stays.",
  );
}

/**
 * Opens a living process for as long as `work` takes.
 * @param rights of `access`; that to see its start time is added
 */
export function withProcess<T>(
  win32: Win32,
  pid: number,
  rights: number,
  work: (process: OpenProcess) => T,
): Opened<T> {
  // Windows opens the next lower process for a pid that isn't a multiple of four, and the asker itself for none.
  if (pid <= 0 || pid % 4 !== 0) return "gone";
  const handle = win32.openProcess(rights | access.queryLimited | access.wait, pid);
  if (handle === 0) return win32.lastError() === errorInvalidParameter ? "gone" : "denied";
  try {
    // What has ended can be opened as long as another process has it open.
    if (win32.waitForSingleObject(handle, 0) !== waitTimeout) return "gone";
    const startTime = startTimeBy(win32, handle);
    return startTime === undefined ? "denied" : { found: work({ handle, startTime }) };
  } finally {
    win32.closeHandle(handle);
  }
}

function startTimeBy(win32: Win32, handle: Handle): string | undefined {
  const [created, exited, kernel, user] = [
    Buffer.alloc(8),
    Buffer.alloc(8),
    Buffer.alloc(8),
    Buffer.alloc(8),
  ];
  if (!win32.getProcessTimes(handle, created, exited, kernel, user)) return undefined;
  return startTimeOf(created.readBigUInt64LE());
}

/** A process' own account of its start, and what reads its memory, which holds within `withProcess` alone. */
export interface ReadBlock {
  readonly block: ProcessBlock;
  readonly read: ReadMemory;
}

/** @param handle opened with `query` and `readMemory` @returns undefined where it can't be read */
export function readBlock(win32: Win32, handle: Handle): ReadBlock | undefined {
  const basic = Buffer.alloc(48);
  if (win32.ntQueryInformationProcess(handle, 0, basic, basic.length) !== 0) return undefined;
  const peb = basic.readBigUInt64LE(8);
  if (peb === 0n) return undefined;
  const read = (address: bigint, bytes: number) => {
    const buffer = Buffer.alloc(bytes);
    return win32.readProcessMemory(handle, address, buffer) ? buffer : undefined;
  };
  const block = readProcessBlock(peb, read);
  return block && { block, read };
}
