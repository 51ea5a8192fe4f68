import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { abortable } from "./deadline.ts";

/** Longest file of a project that is read, in bytes. */
export const maxFileBytes = 1024 * 1024;
/** How long a file may take to be read, in milliseconds; a file system that is away answers never. */
const patienceMs = 10_000;

/** Room that a file gets which is longer than it says, in bytes. */
const leastRoom = 4_096;

/** Opening a FIFO or a device without these waits for its other end, or makes a terminal ours. Windows has neither. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

export type FileContent =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** `what` follows the path in a sentence; `remedy` is what to do. */
  | { readonly kind: "refused"; readonly what: string; readonly remedy: string };

/**
 * Reads a file that anyone may have put there: a regular one, at most `maxBytes` of it however long it says it is,
 * within ten seconds. Links are followed; what they lead to is checked before and after it is opened (opening alone
 * can act on a device).
 * @param maxBytes a longer file is refused
 * @throws an error of the file system
 */
export async function readRegularFile(file: string, maxBytes = maxFileBytes): Promise<FileContent> {
  const limit = AbortSignal.timeout(patienceMs);
  try {
    return await abortable(read(file, maxBytes, limit), limit);
  } catch (error) {
    if (!limit.aborted) throw error;
    return refused(
      "can't be read: its disk doesn't answer",
      "Check the disk, or move the file to another one.",
    );
  }
}

async function read(file: string, maxBytes: number, limit: AbortSignal): Promise<FileContent> {
  const before = refusal(await stat(file), maxBytes);
  if (before !== undefined) return before;
  const handle = await open(file, flags);
  try {
    const found = await handle.stat();
    const opened = refusal(found, maxBytes);
    if (opened !== undefined) return opened;
    let bytes = roomFor(found.size, maxBytes);
    let length = 0;
    while (length <= maxBytes && !limit.aborted) {
      bytes = withRoom(bytes, length, maxBytes);
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return content(bytes, length, maxBytes);
  } finally {
    await handle.close();
  }
}

/**
 * {@link readRegularFile} for programs that do nothing else meanwhile; a disk that doesn't answer keeps them waiting.
 * @throws an error of the file system
 */
export function readRegularFileSync(file: string, maxBytes = maxFileBytes): FileContent {
  const before = refusal(statSync(file), maxBytes);
  if (before !== undefined) return before;
  const descriptor = openSync(file, flags);
  try {
    const found = fstatSync(descriptor);
    const opened = refusal(found, maxBytes);
    if (opened !== undefined) return opened;
    let bytes = roomFor(found.size, maxBytes);
    let length = 0;
    while (length <= maxBytes) {
      bytes = withRoom(bytes, length, maxBytes);
      const count = readSync(descriptor, bytes, length, bytes.length - length, null);
      if (count === 0) break;
      length += count;
    }
    return content(bytes, length, maxBytes);
  } finally {
    closeSync(descriptor);
  }
}

/** For as much as a file says that it has, and a byte more, where its end shows. Most are small, and many are read. */
function roomFor(size: number, maxBytes: number): Buffer {
  return Buffer.allocUnsafe(Math.min(size, maxBytes) + 1);
}

/** The same with room for more: a file can be longer than it says, or grow. */
function withRoom(bytes: Buffer, length: number, maxBytes: number): Buffer {
  if (length < bytes.length) return bytes;
  const more = Buffer.allocUnsafe(Math.min(Math.max(2 * length, leastRoom), maxBytes + 1));
  bytes.copy(more, 0, 0, length);
  return more;
}

/** Copied, so that what is kept of a small file doesn't keep the buffer. */
function content(bytes: Buffer, length: number, maxBytes: number): FileContent {
  if (length > maxBytes) return tooLong(maxBytes);
  return { kind: "bytes", bytes: new Uint8Array(bytes.subarray(0, length)) };
}

function refusal(found: Stats, maxBytes: number): FileContent | undefined {
  if (found.isFile()) return found.size > maxBytes ? tooLong(maxBytes, found.size) : undefined;
  return refused(`is ${kindOf(found)}, not a file`, "Move it away, or rename it.");
}

function tooLong(maxBytes: number, size?: number): FileContent {
  const most = `${maxBytes} bytes are read at most`;
  const what = size === undefined ? `doesn't end: ${most}` : `is ${size} bytes long: ${most}`;
  return refused(what, "Make it shorter, or move it away.");
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return "a directory";
  if (found.isFIFO()) return "a pipe (FIFO)";
  if (found.isSocket()) return "a socket";
  return found.isCharacterDevice() || found.isBlockDevice() ? "a device" : "something else";
}

function refused(what: string, remedy: string): FileContent {
  return { kind: "refused", what, remedy };
}
