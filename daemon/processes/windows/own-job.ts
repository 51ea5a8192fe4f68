import type { Handle, Win32 } from "./win32.ts";

// JOBOBJECTINFOCLASS
const [basicProcessIdList, extendedLimitInformation] = [3, 9];
/** Of JOBOBJECT_EXTENDED_LIMIT_INFORMATION: its length, and where the flags are, in bytes. */
const [limitBytes, limitFlagsAt] = [144, 16];
const breakawayOk = 0x800;
/** Of JOBOBJECT_BASIC_PROCESS_ID_LIST: how many are in the list, and its beginning, in bytes. */
const [listedAt, listAt] = [4, 8];
const mostProcesses = 64 * 1024;

let job: Handle | undefined;

/**
 * Puts this process into a Job Object of its own: what descends from it is in there too, whatever parent, console or
 * environment it has. One of a program that asks to break away isn't (a program that may not would fail to start another);
 * nor does anything end with the job's handle.
 * @returns whether it is in one
 */
export function enterOwnJob(win32: Win32): boolean {
  if (job !== undefined) return true;
  const made = win32.createJobObject();
  if (made === 0) return false;
  const limits = Buffer.alloc(limitBytes);
  limits.writeUInt32LE(breakawayOk, limitFlagsAt);
  const entered =
    win32.setInformationJobObject(made, extendedLimitInformation, limits) &&
    win32.assignProcessToJobObject(made, win32.getCurrentProcess());
  if (entered) job = made;
  else win32.closeHandle(made);
  return entered;
}

/** Who is in the job of this process. @returns undefined where it is in none of its own, or Windows doesn't tell */
export function pidsInOwnJob(win32: Win32): ReadonlySet<number> | undefined {
  if (job === undefined) return undefined;
  for (let room = 256; room <= mostProcesses; room *= 4) {
    const buffer = Buffer.alloc(listAt + room * 8);
    // It fails where the list is longer than the buffer.
    if (win32.queryInformationJobObject(job, basicProcessIdList, buffer)) return readJobPids(buffer);
  }
  return undefined;
}

/** The pids of a JOBOBJECT_BASIC_PROCESS_ID_LIST. */
export function readJobPids(list: Buffer): ReadonlySet<number> {
  const room = Math.floor((list.length - listAt) / 8);
  const count = Math.min(list.readUInt32LE(listedAt), room);
  return new Set(Array.from({ length: count }, (_, at) => Number(list.readBigUInt64LE(listAt + at * 8))));
}
