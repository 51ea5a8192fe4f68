/** Reading what the kernel says of all processes (SYSTEM_PROCESS_INFORMATION, 64 bits). Pure, so that it is tested anywhere. */

/** A process as the kernel's table has it. */
export interface TableProcess {
  readonly pid: number;
  /** Of the process that made it; that one may have ended, and its pid be another's now. */
  readonly ppid: number;
  /** The file's name, e.g. `node.exe`. */
  readonly name: string;
  /** See {@link startTimeOf}. */
  readonly startTime: string;
  readonly cpuMs: number;
  readonly memoryBytes: number;
  /** One of which no thread is left has ended; another process has it open still. */
  readonly ended: boolean;
}

// Places in a SYSTEM_PROCESS_INFORMATION, in bytes.
const [threadsAt, createdAt, userAt, kernelAt] = [0x04, 0x20, 0x28, 0x30];
const [nameLengthAt, namePointerAt, pidAt, parentAt] = [0x38, 0x40, 0x50, 0x58];
const [workingSetAt, privateAt] = [0x90, 0xc8];
const entryBytes = 0x100;
/** What ends with a hang in a broken table. */
const mostProcesses = 1_000_000;

/**
 * The processes of a table, without the one that stands for idle processors.
 * @param address where the table's first byte was when it was written: names are pointers into it
 */
export function readProcessTable(table: Buffer, address: bigint): TableProcess[] {
  const found: TableProcess[] = [];
  for (let at = 0, seen = 0; at + entryBytes <= table.length && seen < mostProcesses; seen++) {
    const entry = readEntry(table, at, address);
    if (entry.pid !== 0) found.push(entry);
    const next = table.readUInt32LE(at);
    if (next === 0) break;
    at += next;
  }
  return found;
}

function readEntry(table: Buffer, at: number, address: bigint): TableProcess {
  const number = (place: number) => Number(table.readBigUInt64LE(at + place));
  const ticks = number(userAt) + number(kernelAt);
  return {
    pid: number(pidAt),
    ppid: number(parentAt),
    name: nameAt(table, at, address),
    startTime: startTimeOf(table.readBigUInt64LE(at + createdAt)),
    cpuMs: ticks / 10_000,
    // Wine knows no private bytes.
    memoryBytes: number(privateAt) || number(workingSetAt),
    ended: table.readUInt32LE(at + threadsAt) === 0,
  };
}

/** Windows keeps a parent's pid after the parent ended: a younger process that has it now is no parent. */
export function withTrueParents(table: readonly TableProcess[]): readonly TableProcess[] {
  const startOf = new Map(table.map(({ pid, startTime }) => [pid, BigInt(startTime)]));
  return table.map((one) => {
    const parentStart = startOf.get(one.ppid);
    const hasParent = parentStart !== undefined && parentStart <= BigInt(one.startTime);
    return hasParent ? one : { ...one, ppid: 0 };
  });
}

/** The kernel's own process has no name. */
function nameAt(table: Buffer, at: number, address: bigint): string {
  const length = table.readUInt16LE(at + nameLengthAt);
  const pointer = table.readBigUInt64LE(at + namePointerAt);
  const start = Number(pointer - address);
  if (pointer === 0n || start < 0 || start + length > table.length) return "System";
  return table.toString("utf16le", start, start + length);
}

/**
 * A start time as identities have it: 100 ns since 1601, as text, in whole microseconds, which is all that WMI tells.
 * @param fileTime a FILETIME
 */
export function startTimeOf(fileTime: bigint): string {
  return String(fileTime - (fileTime % 10n));
}
