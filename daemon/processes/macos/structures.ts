import { formatAddress } from "../proc-net.ts";

/**
 * Reading structures of macOS' kernel as 64-bit processes get them (XNU's bsd/sys/sysctl.h, proc.h, proc_info.h,
 * resource.h). Pure, so that they are tested anywhere. They were never read on a real macOS.
 */

/** A process of the kernel's table. */
export interface KernelProcess {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly uid: number;
  /** Short name, 16 characters at most. */
  readonly name: string;
  readonly zombie: boolean;
  readonly suspended: boolean;
  /** Milliseconds since the epoch, in whole seconds, as `ps` has it. */
  readonly startedAt: number;
  /** Device of its terminal; undefined where it has none. */
  readonly terminal?: number;
}

/** Length of a `struct kinfo_proc`, and places in it, in bytes. */
export const kernelProcessBytes = 648;
const [startAt, stateAt, pidAt, nameAt, uidAt] = [0, 36, 40, 243, 420];
const [parentAt, groupAt, deviceAt] = [560, 564, 572];
const nameBytes = 17;
const [stopped, zombie] = [4, 5];
const noDevice = -1;

/** Reads what sysctl `KERN_PROC` gives: one `struct kinfo_proc` after the other. */
export function readKernelProcesses(table: Buffer): KernelProcess[] {
  const count = Math.floor(table.length / kernelProcessBytes);
  return Array.from({ length: count }, (_, index) =>
    readKernelProcess(table.subarray(index * kernelProcessBytes, (index + 1) * kernelProcessBytes)),
  );
}

function readKernelProcess(entry: Buffer): KernelProcess {
  const state = entry.readUInt8(stateAt);
  const terminal = entry.readInt32LE(deviceAt);
  return {
    pid: entry.readInt32LE(pidAt),
    ppid: entry.readInt32LE(parentAt),
    pgid: entry.readInt32LE(groupAt),
    uid: entry.readUInt32LE(uidAt),
    name: textAt(entry, nameAt, nameBytes),
    zombie: state === zombie,
    suspended: state === stopped,
    startedAt: Number(entry.readBigInt64LE(startAt)) * 1000,
    ...(terminal === noDevice ? {} : { terminal }),
  };
}

/** What a process was started with. */
export interface StartArguments {
  /** Its words, joined with blanks. */
  readonly command: string;
  readonly environment: ReadonlyMap<string, string>;
}

/**
 * Reads what sysctl `KERN_PROCARGS2` gives: the number of words, the program's path, zeros, the words, the variables, each
 * ended by a zero. Of processes that System Integrity Protection guards there are no variables.
 */
export function readStartArguments(bytes: Buffer): StartArguments | undefined {
  if (bytes.length < 4) return undefined;
  const count = bytes.readInt32LE();
  let at = bytes.indexOf(0, 4);
  while (at !== -1 && at < bytes.length && bytes[at] === 0) at++;
  if (at === -1 || count < 0) return undefined;
  const texts = bytes.toString("utf8", at).split("\0");
  if (texts.length <= count) return undefined;
  const environment = new Map<string, string>();
  for (const text of texts.slice(count)) {
    // An empty one ends them; behind it are the loader's own.
    if (text === "") break;
    const end = text.indexOf("=");
    if (end > 0 && !environment.has(text.slice(0, end)))
      environment.set(text.slice(0, end), text.slice(end + 1));
  }
  return { command: texts.slice(0, count).join(" "), environment };
}

/** Length of a `struct proc_vnodepathinfo`, in bytes. */
export const directoryBytes = 2352;
const [directoryAt, pathBytes] = [152, 1024];

/** The current directory in a `struct proc_vnodepathinfo`. */
export function readDirectory(bytes: Buffer): string | undefined {
  return textAt(bytes, directoryAt, pathBytes) || undefined;
}

/** Length of a `struct rusage_info_v0`, in bytes. */
export const usageBytes = 96;

/**
 * CPU time in units of the machine's clock, and memory that is its own (`ri_phys_footprint`), in a
 * `struct rusage_info_v0`.
 */
export function readUsage(bytes: Buffer): { readonly cpuTicks: bigint; readonly memoryBytes: number } {
  return {
    cpuTicks: bytes.readBigUInt64LE(16) + bytes.readBigUInt64LE(24),
    memoryBytes: Number(bytes.readBigUInt64LE(72)),
  };
}

const descriptorBytes = 8;
const socketType = 2;

/** The descriptors that are sockets, in an array of `struct proc_fdinfo`. */
export function readSocketDescriptors(bytes: Buffer): number[] {
  const found: number[] = [];
  for (let at = 0; at + descriptorBytes <= bytes.length; at += descriptorBytes) {
    if (bytes.readUInt32LE(at + 4) === socketType) found.push(bytes.readInt32LE(at));
  }
  return found;
}

/** A TCP socket of a process. */
export interface MacSocket {
  readonly listens: boolean;
  readonly local: { readonly address: string; readonly port: number };
  readonly remote: { readonly address: string; readonly port: number };
}

/** Length of a `struct socket_fdinfo`, and places in it, in bytes. */
export const socketBytes = 792;
const [kindAt, remotePortAt, localPortAt, versionAt] = [256, 264, 268, 288];
const [remoteAddressAt, localAddressAt, tcpStateAt] = [296, 312, 344];
const [kindTcp, stateListen, ipv4] = [2, 1, 1];

/** @returns undefined for a socket of another kind than TCP */
export function readSocket(bytes: Buffer): MacSocket | undefined {
  if (bytes.readInt32LE(kindAt) !== kindTcp) return undefined;
  const isIpv4 = (bytes.readUInt8(versionAt) & ipv4) !== 0;
  const end = (addressAt: number, portAt: number) => ({
    // An IPv4 address is the last of four words.
    address: formatAddress([...bytes.subarray(isIpv4 ? addressAt + 12 : addressAt, addressAt + 16)]),
    port: bytes.readUInt16BE(portAt),
  });
  return {
    listens: bytes.readInt32LE(tcpStateAt) === stateListen,
    local: end(localAddressAt, localPortAt),
    remote: end(remoteAddressAt, remotePortAt),
  };
}

function textAt(bytes: Buffer, at: number, length: number): string {
  const text = bytes.subarray(at, at + length);
  const end = text.indexOf(0);
  return text.toString("utf8", 0, end === -1 ? text.length : end);
}
