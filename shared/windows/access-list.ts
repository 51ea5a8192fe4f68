import { DevlatchError } from "../base/errors.ts";
import { accessFor, inherited, listPresent, sidBytes, sidText } from "./descriptor.ts";
import { information, loadSecurity, type Security } from "./security.ts";

// SECURITY_DESCRIPTOR, ACL and ACE, in bytes.
const [controlAt, ownerAt, listAt] = [2, 4, 16];
const [countAt, entriesAt] = [4, 8];
const [sizeAt, maskAt, sidAt] = [2, 4, 8];
/** ACCESS_ALLOWED_ACE and ACCESS_ALLOWED_CALLBACK_ACE; what denies takes nothing away from the findings here. */
const allowing = [0, 9];
/** To add, append, delete, rename, and to give oneself the right to: FILE_*, DELETE, WRITE_DAC, WRITE_OWNER, GENERIC_*. */
const writes = 0x2 | 0x4 | 0x40 | 0x1_0000 | 0x4_0000 | 0x8_0000 | 0x1000_0000 | 0x4000_0000;

const [system, administrators] = ["S-1-5-18", "S-1-5-32-544"];
/** These, the installer of Windows; who makes a file, and who owns it, which are looked at themselves. */
const trusted = [
  system,
  administrators,
  "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
  "S-1-3-0",
  "S-1-3-4",
];

/** Why a file, directory or pipe can't be believed: whose it is, or who may write, by SID. */
export type AccessFault =
  | { readonly kind: "owner"; readonly sid: string }
  | { readonly kind: "writer"; readonly sid: string }
  /** It has no access list: everyone may do everything. */
  | { readonly kind: "open" };

/** A user by its SID, and what may be asked for it. */
export interface User {
  readonly security: Security;
  readonly own: Buffer;
}

/**
 * Whether another user could have written a file or directory, by its owner and access list.
 * @param path absolute
 * @returns undefined where there is no fault; where Windows doesn't tell, or nothing is there; and on other systems
 */
export function faultOnWindows(path: string): AccessFault | undefined {
  const asker = thisUser();
  const descriptor = asker?.security.getFileSecurity(path, information.owner | information.accessList);
  return asker && descriptor && accessFault(descriptor, sidText(asker.own, 0));
}

/**
 * Refuses a file or directory that another user could have written, see `faultOnWindows`.
 * @throws DevlatchError `UNSAFE_PATH`
 */
export function requirePrivateOnWindows(path: string): void {
  const fault = faultOnWindows(path);
  if (fault !== undefined) throw refusal(path, fault);
}

/**
 * Closes a directory that was just made, and all that will be made in it, to other users: Windows gives it the rights of
 * the directory above, which may let others write. Where koffi doesn't load it stays as it is.
 */
export function closeDirectoryOnWindows(path: string): void {
  const asker = thisUser();
  if (asker === undefined) return;
  const users = [asker.own, sidBytes(system), sidBytes(administrators)];
  asker.security.setFileSecurity(
    path,
    information.accessList | information.notInherited,
    accessFor(users, inherited),
  );
}

let user: User | undefined;

/** Who asks, with the SID as bytes. @returns undefined where Windows can't be asked */
export function thisUser(): User | undefined {
  if (user !== undefined) return user;
  const security = loadSecurity();
  const own = security?.userSid(security.getCurrentProcess());
  user = security && own && { security, own };
  return user;
}

/** @param descriptor a self-relative SECURITY_DESCRIPTOR @param own the SID of this user */
export function accessFault(descriptor: Buffer, own: string): AccessFault | undefined {
  const believed = [own, ...trusted];
  const ownerSid = ownerOf(descriptor) ?? "none";
  if (!believed.includes(ownerSid)) return { kind: "owner", sid: ownerSid };
  const list = descriptor.readUInt32LE(listAt);
  if ((descriptor.readUInt16LE(controlAt) & listPresent) === 0 || list === 0) return { kind: "open" };
  const writer = writersIn(descriptor, list).find((sid) => !believed.includes(sid));
  return writer === undefined ? undefined : { kind: "writer", sid: writer };
}

/** The SID of whom it is. @returns undefined where it is of no user */
export function ownerOf(descriptor: Buffer): string | undefined {
  const owner = descriptor.readUInt32LE(ownerAt);
  return owner === 0 ? undefined : sidText(descriptor, owner);
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

/** What is wrong, as a part of a sentence about it. */
export function accessWords(fault: AccessFault): string {
  switch (fault.kind) {
    case "owner":
      return `it belongs to another user (${fault.sid})`;
    case "writer":
      return `another user or group (${fault.sid}) may write to it`;
    case "open":
      return "it has no access list, so that everyone may write to it";
  }
}

function refusal(path: string, fault: AccessFault): DevlatchError {
  return new DevlatchError(
    "UNSAFE_PATH",
    `Devlatch doesn't use ${path}: ${accessWords(fault)}.`,
    `${mending(path, fault)} (or set DEVLATCH_HOME to a directory of your own).`,
    { data: { path, ...fault } },
  );
}

function mending(path: string, { kind }: AccessFault): string {
  if (kind === "owner") return `Make it yours: takeown /f "${path}" /r`;
  return `Close it to all but you: icacls "${path}" /inheritance:r /grant:r "%USERNAME%:(OI)(CI)F"`;
}
