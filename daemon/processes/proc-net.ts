import { readProcTable } from "./proc-files.ts";

/** A TCP socket: a listener with its own address and port, or a client with those it is connected to. */
export interface TcpSocket {
  readonly address: string;
  readonly port: number;
  readonly inode: string;
  /** Of whom it is. */
  readonly uid: number;
}

/** States in `/proc/net/tcp` (the kernel's include/net/tcp_states.h): TCP_LISTEN. */
const listening = "0A";
/** TCP_ESTABLISHED, and TCP_CLOSE_WAIT: the server is gone, the client hasn't noticed. */
const connected: readonly string[] = ["01", "08"];

/** All listening TCP sockets of this network namespace, or those on one port. */
export function readListeningSockets(port?: number): TcpSocket[] {
  return readTables().flatMap((text) => parseListeningSockets(text, port));
}

/** The sockets of this network namespace that are connected to a port, wherever that is. */
export function readClientSockets(port: number): TcpSocket[] {
  return readTables().flatMap((text) => parseClientSockets(text, port));
}

function readTables(): string[] {
  return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => readProcTable(file)?.toString("latin1") ?? []);
}

/** Parses `/proc/net/tcp` or `/proc/net/tcp6` (see proc_pid_net(5)). Clients and other states are left out. */
export function parseListeningSockets(text: string, port?: number): TcpSocket[] {
  return parseRows(text, (state) => state === listening).flatMap(({ local, ...row }) => {
    const socket = toSocket(local, row);
    return port === undefined || port === socket.port ? [socket] : [];
  });
}

/** Parses the same for the sockets that are connected to a port: its own end of such a connection is left out. */
export function parseClientSockets(text: string, port: number): TcpSocket[] {
  return parseRows(text, (state) => connected.includes(state))
    .map(({ remote, ...row }) => toSocket(remote, row))
    .filter((socket) => socket.port === port);
}

interface Row {
  readonly local: string;
  readonly remote: string;
  readonly inode: string;
  readonly uid: string;
}

function parseRows(text: string, isWanted: (state: string) => boolean): Row[] {
  return text
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      // sl, local address, remote address, state, queues, timer, retransmits, uid, timeout, inode
      const [, local, remote, state, , , , uid, , inode] = line.trim().split(/\s+/);
      if (local === undefined || remote === undefined || uid === undefined || inode === undefined) return [];
      return state !== undefined && isWanted(state) ? [{ local, remote, uid, inode }] : [];
    });
}

function toSocket(address: string, { inode, uid }: Pick<Row, "inode" | "uid">): TcpSocket {
  const [host = "", hexPort = ""] = address.split(":");
  return { address: parseAddress(host), port: Number.parseInt(hexPort, 16), inode, uid: Number(uid) };
}

/** An address as the kernel prints it: 32-bit words in the machine's byte order (little-endian where Node runs). */
export function parseAddress(hex: string): string {
  const bytes: number[] = [];
  for (let word = 0; word < hex.length; word += 8) {
    for (let byte = 6; byte >= 0; byte -= 2) {
      bytes.push(Number.parseInt(hex.slice(word + byte, word + byte + 2), 16));
    }
  }
  return formatAddress(bytes);
}

/** An address of 4 or 16 bytes, in network order, as people write it. */
export function formatAddress(bytes: readonly number[]): string {
  return bytes.length === 4 ? bytes.join(".") : formatIpv6(bytes);
}

function formatIpv6(bytes: readonly number[]): string {
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (mapped) return `::ffff:${bytes.slice(12).join(".")}`;
  const groups: string[] = [];
  for (let at = 0; at < bytes.length; at += 2) {
    groups.push((((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16));
  }
  return compress(groups);
}

/** The longest run of two or more zero groups becomes `::` (RFC 5952, section 4.2). */
function compress(groups: readonly string[]): string {
  let best = { at: 0, length: 0 };
  for (let at = 0; at < groups.length; at++) {
    let length = 0;
    while (groups[at + length] === "0") length++;
    if (length > best.length) best = { at, length };
  }
  if (best.length < 2) return groups.join(":");
  return `${groups.slice(0, best.at).join(":")}::${groups.slice(best.at + best.length).join(":")}`;
}
