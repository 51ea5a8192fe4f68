import { type LibC, loadLibC } from "./libc.ts";
import { formatAddress, type TcpSocket } from "./proc-net.ts";

// include/linux/socket.h, include/uapi/linux/{netlink,sock_diag,inet_diag}.h, include/net/tcp_states.h
const [addressFamilyIpv4, addressFamilyIpv6, addressFamilyNetlink] = [2, 10, 16];
const [rawSocket, closeOnExec, dontWait] = [3, 0o2000000, 0x40];
const netlinkSockDiag = 4;
const sockDiagByFamily = 20;
const requestDump = 0x301;
const [messageError, messageDone] = [2, 3];
const protocolTcp = 6;
const stateListen = 1 << 10;
/** Sizes of `nlmsghdr` and `inet_diag_req_v2`, in bytes. */
const [headerBytes, requestBytes] = [16, 56];
/** Places in an `inet_diag_msg` after its header. */
const [portAt, addressAt, uidAt, inodeAt] = [4, 8, 64, 68];
/** The kernel fills 32 KB at most in one go. */
const bufferBytes = 64 * 1024;
/** One for all answers: nothing is waited for between the kernel's writing and the end of reading. */
let answer: Buffer | undefined;

/**
 * All listening TCP sockets of this network namespace, asked of the kernel through netlink (sock_diag(7)): it then
 * walks its table of listeners alone. For `/proc/net/tcp` it walks the one of all connections too, which is large on
 * machines with much memory: 9 ms a look where this takes 0.07.
 * @returns undefined where the kernel doesn't answer this, or may not be asked
 */
export async function queryListeningSockets(): Promise<readonly TcpSocket[] | undefined> {
  const libc = await loadLibC();
  if (libc === undefined) return undefined;
  const ipv4 = query(libc, addressFamilyIpv4);
  const ipv6 = ipv4 && query(libc, addressFamilyIpv6);
  return ipv4 && ipv6 && [...ipv4, ...ipv6];
}

function query(libc: LibC, family: number): readonly TcpSocket[] | undefined {
  const socket = libc.socket(addressFamilyNetlink, rawSocket | closeOnExec, netlinkSockDiag);
  if (socket < 0) return undefined;
  try {
    const message = request(family);
    return libc.send(socket, message) === message.length ? receive(libc, socket) : undefined;
  } finally {
    libc.close(socket);
  }
}

function request(family: number): Buffer {
  const message = Buffer.alloc(headerBytes + requestBytes);
  message.writeUInt32LE(message.length, 0);
  message.writeUInt16LE(sockDiagByFamily, 4);
  message.writeUInt16LE(requestDump, 6);
  message.writeUInt8(family, headerBytes);
  message.writeUInt8(protocolTcp, headerBytes + 1);
  message.writeUInt32LE(stateListen, headerBytes + 4);
  return message;
}

/** The kernel has the answer ready, or makes the next part of it, when it is asked: nothing is waited for. */
function receive(libc: LibC, socket: number): readonly TcpSocket[] | undefined {
  answer ??= Buffer.alloc(bufferBytes);
  const sockets: TcpSocket[] = [];
  for (;;) {
    const length = libc.recv(socket, answer, dontWait);
    if (length <= 0) return undefined;
    const part = parseSockDiag(answer.subarray(0, length));
    if (part === undefined) return undefined;
    sockets.push(...part.sockets);
    if (part.isLast) return sockets;
  }
}

/**
 * Parses one part of the kernel's answer, in little-endian order, as Node's platforms have it.
 * @returns undefined where it is an error
 */
export function parseSockDiag(bytes: Buffer): { sockets: TcpSocket[]; isLast: boolean } | undefined {
  const sockets: TcpSocket[] = [];
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    const type = bytes.readUInt16LE(at + 4);
    if (type === messageDone) return { sockets, isLast: true };
    if (type === messageError || length < headerBytes + inodeAt + 4 || at + length > bytes.length)
      return undefined;
    sockets.push(toSocket(bytes.subarray(at + headerBytes, at + length)));
    at += Math.ceil(length / 4) * 4;
  }
  return { sockets, isLast: false };
}

function toSocket(message: Buffer): TcpSocket {
  const addressBytes = message.readUInt8(0) === addressFamilyIpv4 ? 4 : 16;
  return {
    address: formatAddress([...message.subarray(addressAt, addressAt + addressBytes)]),
    port: message.readUInt16BE(portAt),
    inode: String(message.readUInt32LE(inodeAt)),
    uid: message.readUInt32LE(uidAt),
  };
}
