import { DevlatchError } from "../../../shared/base/errors.ts";
import { userSid } from "./open-process.ts";
import { loadWin32, type Win32 } from "./win32.ts";

/** OWNER_SECURITY_INFORMATION and DACL_SECURITY_INFORMATION. */
const ownerAndList = 1 | 4;
const largestDescriptor = 64 * 1024;

// SECURITY_DESCRIPTOR, ACL and ACE, in bytes.
const [controlAt, ownerAt, listAt] = [2, 4, 16];
const [countAt, entriesAt] = [4, 8];
const [sizeAt, maskAt, sidAt] = [2, 4, 8];
const listPresent = 4;
/** ACCESS_ALLOWED_ACE and ACCESS_ALLOWED_CALLBACK_ACE; what denies takes nothing away from the findings here. */
const allowing = [0, 9];
/** To add, append, delete, rename, and to give oneself the right to: FILE_*, DELETE, WRITE_DAC, WRITE_OWNER, GENERIC_*. */
const writes = 0x2 | 0x4 | 0x40 | 0x1_0000 | 0x4_0000 | 0x8_0000 | 0x1000_0000 | 0x4000_0000;

/** SYSTEM, the administrators, the installer of Windows; who makes a file, and who owns it, which are looked at themselves. */
const trusted = [
  "S-1-5-18",
  "S-1-5-32-544",
  "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
  "S-1-3-0",
  "S-1-3-4",
];

/** Why a directory can't be believed: whose it is, or who may write, by SID. */
export type AccessFault =
  | { readonly kind: "owner"; readonly sid: string }
  | { readonly kind: "writer"; readonly sid: string }
  /** It has no access list: everyone may do everything. */
  | { readonly kind: "open" };

/**
 * Refuses a directory that another user could have written, by its owner and access list, where Windows tells them. Does
 * nothing on other systems, where owner and mode say it.
 * @throws DevlatchError `UNSAFE_PATH`
 */
export function requirePrivateOnWindows(directory: string): void {
  const win32 = loadWin32();
  const descriptor = win32 && readDescriptor(win32, directory);
  const own = win32 && userSid(win32, win32.getCurrentProcess());
  if (descriptor === undefined || own === undefined) return;
  const fault = accessFault(descriptor, sidText(own, 0));
  if (fault !== undefined) throw refusal(directory, fault);
}

function readDescriptor(win32: Win32, path: string): Buffer | undefined {
  const buffer = Buffer.alloc(largestDescriptor);
  return win32.getFileSecurity(path, ownerAndList, buffer) ? buffer : undefined;
}

/** @param descriptor a self-relative SECURITY_DESCRIPTOR @param own the SID of this user */
export function accessFault(descriptor: Buffer, own: string): AccessFault | undefined {
  const believed = [own, ...trusted];
  const owner = descriptor.readUInt32LE(ownerAt);
  const ownerSid = owner === 0 ? "none" : sidText(descriptor, owner);
  if (!believed.includes(ownerSid)) return { kind: "owner", sid: ownerSid };
  const list = descriptor.readUInt32LE(listAt);
  if ((descriptor.readUInt16LE(controlAt) & listPresent) === 0 || list === 0) return { kind: "open" };
  const writer = writersIn(descriptor, list).find((sid) => !believed.includes(sid));
  return writer === undefined ? undefined : { kind: "writer", sid: writer };
}

function writersIn(descriptor: Buffer, list: number): string[] {
  const writers: string[] = [];
  let at = list + entriesAt;
  for (let left = descriptor.readUInt16LE(list + countAt); left > 0; left--) {
    const mask = descriptor.readUInt32LE(at + maskAt);
    if (allowing.includes(descriptor.readUInt8(at)) && (mask & writes) !== 0)
      writers.push(sidText(descriptor, at + sidAt));
    at += Math.max(sidAt, descriptor.readUInt16LE(at + sizeAt));
  }
  return writers;
}

/** `S-1-5-32-544`, for the bytes of a SID. */
export function sidText(buffer: Buffer, at: number): string {
  const parts = Array.from({ length: buffer.readUInt8(at + 1) }, (_, index) =>
    buffer.readUInt32LE(at + 8 + 4 * index),
  );
  return ["S", buffer.readUInt8(at), buffer.readUIntBE(at + 2, 6), ...parts].join("-");
}

function refusal(directory: string, fault: AccessFault): DevlatchError {
  const why = {
    owner: (sid: string) => `it belongs to another user (${sid})`,
    writer: (sid: string) => `another user or group (${sid}) may write to it`,
    open: () => "it has no access list, so that everyone may write to it",
  };
  const words = why[fault.kind]("sid" in fault ? fault.sid : "");
  return new DevlatchError(
    "UNSAFE_PATH",
    `Devlatch doesn't use ${directory}: ${words}.`,
    `Close it to all but you: icacls "${directory}" /inheritance:r /grant:r "%USERNAME%:(OI)(CI)F" (or set DEVLATCH_HOME to a directory of your own).`,
    { data: { path: directory, ...fault } },
  );
}
