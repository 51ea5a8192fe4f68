import { inflateRawSync } from "node:zlib";

/** A file in a zip, as its directory has it. */
export interface ZipEntry {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  read(): Buffer;
}

const directoryEntry = 0x02014b50;

/** Every file of a zip, in its order. Reads what our own packer writes: no zip64, stored or deflated. */
export function readZip(zip: Buffer): readonly ZipEntry[] {
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06"));
  const entries: ZipEntry[] = [];
  let at = zip.readUInt32LE(end + 16);
  while (zip.readUInt32LE(at) === directoryEntry) {
    const nameLength = zip.readUInt16LE(at + 28);
    const path = zip.toString("utf8", at + 46, at + 46 + nameLength);
    const found = {
      method: zip.readUInt16LE(at + 10),
      packed: zip.readUInt32LE(at + 20),
      start: zip.readUInt32LE(at + 42),
    };
    const mode = (zip.readUInt32LE(at + 38) >>> 16) & 0o777;
    entries.push({ path, size: zip.readUInt32LE(at + 24), mode, read: () => contentOf(zip, found) });
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
}

function contentOf(
  zip: Buffer,
  { method, packed, start }: { method: number; packed: number; start: number },
): Buffer {
  const begin = start + 30 + zip.readUInt16LE(start + 26) + zip.readUInt16LE(start + 28);
  const bytes = zip.subarray(begin, begin + packed);
  return method === 0 ? bytes : inflateRawSync(bytes);
}
