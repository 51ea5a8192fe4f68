import { readProcTable } from "./proc-files.ts";

/** A listening TCP socket. */
export interface ListeningSocket {
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

/** State of a listening socket in `/proc/net/tcp` (TCP_LISTEN in the kernel's include/net/tcp_states.h). */
const listening = "0A";

/** All listening TCP sockets of this network namespace, or those on one port. */
export function readListeningSockets(port?: number): ListeningSocket[] {
  const sockets: ListeningSocket[] = [];
  for (const file of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const text = readProcTable(file)?.toString("latin1");
    if (text !== undefined) sockets.push(...parseListeningSockets(text, port));
  }
  return sockets;
}

/** Parses `/proc/net/tcp` or `/proc/net/tcp6` (see proc_pid_net(5)). Clients and other states are left out. */
export function parseListeningSockets(text: string, port?: number): ListeningSocket[] {
  const sockets: ListeningSocket[] = [];
  for (const line of text.split("\n").slice(1)) {
    // sl, local address, remote address, state, queues, timer, retransmits, uid, timeout, inode
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state !== listening || local === undefined || inode === undefined) continue;
    const [host = "", hexPort = ""] = local.split(":");
    const localPort = Number.parseInt(hexPort, 16);
    if (port === undefined || port === localPort) {
      sockets.push({ address: parseAddress(host), port: localPort, inode });
    }
  }
  return sockets;
}

/** An address as the kernel prints it: 32-bit words in the machine's byte order (little-endian where Node runs). */
export function parseAddress(hex: string): string {
  const bytes: number[] = [];
  for (let word = 0; word < hex.length; word += 8) {
    for (let byte = 6; byte >= 0; byte -= 2) {
      bytes.push(Number.parseInt(hex.slice(word + byte, word + byte + 2), 16));
    }
  }
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
