import type { Socket } from "node:net";
import { loadLibC } from "./libc.ts";

/** The process at the other end of a connection. */
export interface PeerProcess {
  readonly pid: number;
  readonly uid: number;
}

/** socket(7), for getsockopt(2). */
const solSocket = 1;
const soPeerCred = 17;
/** A `struct ucred` is three numbers of 32 bits: pid, uid and gid. */
const credentialBytes = 12;
/** What the kernel says of connections that have no such peer. */
const unknownUser = 0xffff_ffff;

/**
 * Which process is at the other end of a unix socket, as the kernel noted it when that one connected or began to listen.
 * @returns undefined where the system doesn't tell: TCP, other systems than Linux, a C library that can't be reached
 */
export async function peerOf(socket: Socket): Promise<PeerProcess | undefined> {
  const libc = await loadLibC();
  const descriptor = descriptorOf(socket);
  if (libc === undefined || descriptor === undefined) return undefined;
  const credentials = new Uint32Array(credentialBytes / 4);
  if (libc.getsockopt(descriptor, solSocket, soPeerCred, credentials) !== 0) return undefined;
  const [pid = 0, uid = unknownUser] = credentials;
  return uid === unknownUser ? undefined : { pid, uid };
}

/** Whether the other end is this user's or root's, or the system doesn't tell whose. */
export async function isOwnPeer(socket: Socket): Promise<boolean> {
  const peer = await peerOf(socket);
  return peer === undefined || isOwn(peer);
}

/** Whether a process is this user's or root's. */
export function isOwn({ uid }: PeerProcess): boolean {
  return uid === 0 || uid === process.getuid?.();
}

/** Node has the descriptor, and no name for it. */
function descriptorOf(socket: Socket): number | undefined {
  const handle: unknown = Reflect.get(socket, "_handle");
  if (typeof handle !== "object" || handle === null || !("fd" in handle)) return undefined;
  return typeof handle.fd === "number" && handle.fd >= 0 ? handle.fd : undefined;
}
