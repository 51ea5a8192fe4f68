/** Security descriptors and the names of users in them, as bytes. Pure, so that it is tested anywhere. */

/** FILE_ALL_ACCESS, which includes to make further instances of a pipe. */
const everything = 0x1f_01ff;
const [selfRelative, listProtected] = [0x8000, 0x1000];
/** SE_DACL_PRESENT */
export const listPresent = 4;
/** Of an entry: it holds for files and directories that will be made in this one. */
export const inherited = 3;
const [descriptorRevision, listRevision] = [1, 2];
const headBytes = 8;

/**
 * A self-relative descriptor by which these users may do everything, and no one else anything. It is the first one's.
 * @param users SIDs as bytes @param flags of each entry, e.g. `inherited`
 */
export function accessFor(users: readonly Uint8Array[], flags = 0): Buffer {
  const entries = users.map((sid) => {
    const entry = Buffer.concat([Buffer.alloc(headBytes), sid]);
    entry.writeUInt8(flags, 1);
    entry.writeUInt16LE(entry.length, 2);
    entry.writeUInt32LE(everything, 4);
    return entry;
  });
  const list = Buffer.concat([Buffer.alloc(headBytes), ...entries]);
  list.writeUInt8(listRevision, 0);
  list.writeUInt16LE(list.length, 2);
  list.writeUInt16LE(entries.length, 4);
  const head = Buffer.alloc(20);
  head.writeUInt8(descriptorRevision, 0);
  head.writeUInt16LE(selfRelative | listPresent | listProtected, 2);
  const [owner = Buffer.alloc(0)] = users;
  head.writeUInt32LE(head.length, 4);
  head.writeUInt32LE(head.length + owner.length, 16);
  return Buffer.concat([head, owner, list]);
}

/** `S-1-5-32-544`, for the bytes of a SID. */
export function sidText(buffer: Buffer, at: number): string {
  const parts = Array.from({ length: buffer.readUInt8(at + 1) }, (_, index) =>
    buffer.readUInt32LE(at + headBytes + 4 * index),
  );
  return ["S", buffer.readUInt8(at), buffer.readUIntBE(at + 2, 6), ...parts].join("-");
}

/** The bytes of a SID. @param text e.g. `S-1-5-32-544` */
export function sidBytes(text: string): Buffer {
  const [revision = 1, authority = 0, ...parts] = text.split("-").slice(1).map(Number);
  const bytes = Buffer.alloc(headBytes + 4 * parts.length);
  bytes.writeUInt8(revision, 0);
  bytes.writeUInt8(parts.length, 1);
  bytes.writeUIntBE(authority, 2, 6);
  for (const [index, part] of parts.entries()) bytes.writeUInt32LE(part, headBytes + 4 * index);
  return bytes;
}
