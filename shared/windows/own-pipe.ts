import { pause } from "../base/deadline.ts";
import { type AccessFault, accessFault, accessWords, ownerOf, thisUser } from "./access-list.ts";
import { accessFor, sidText } from "./descriptor.ts";
import { type Handle, information, type Security } from "./security.ts";

/** READ_CONTROL; WRITE_DAC and WRITE_OWNER. */
const access = { read: 0x2_0000, write: 0x4_0000 | 0x8_0000 } as const;
const [errorAccessDenied, errorPipeBusy] = [5, 231];
/** How long a pipe that others connect to just now is asked again, and how often, in milliseconds. */
const [busyMs, retryMs] = [2_000, 20];

/** Why a pipe isn't taken for one of ours. */
export type PipeFault =
  | AccessFault
  /** Only another user may look at it. */
  | { readonly kind: "closed" }
  /** It has no room for another connection, for longer than any of ours. */
  | { readonly kind: "busy" };

/** Whether this is the path of a pipe on this machine. */
export function isPipe(path: string): boolean {
  return /^\\\\[.?]\\pipe\\/i.test(path);
}

/**
 * Closes a pipe that this process listens at to all other users: Windows lets everyone read from it otherwise, and Node has
 * no way to say more. It holds for all instances of the pipe, for those of the future too.
 * @returns whether it is closed; it isn't where koffi doesn't load
 */
export function closeToOthers(path: string): boolean {
  const user = thisUser();
  if (user === undefined) return false;
  const { security, own } = user;
  const handle = security.openPipe(path, access.write);
  if (handle === 0) return false;
  try {
    const parts = information.owner | information.accessList | information.notInherited;
    return security.setKernelObjectSecurity(handle, parts, accessFor([own]));
  } finally {
    security.closeHandle(handle);
  }
}

/**
 * Whose a pipe is that is about to be connected to. Who may add an instance to it is in its access list, so that all of them
 * are one user's.
 * @returns undefined where it is this user's or the system's own; where there is none; and where the system doesn't tell
 */
export async function pipeFault(
  path: string,
  signal = new AbortController().signal,
  user = thisUser(),
): Promise<PipeFault | undefined> {
  if (user === undefined) return undefined;
  const { security, own } = user;
  const giveUpAt = performance.now() + busyMs;
  for (;;) {
    const handle = security.openPipe(path, access.read);
    if (handle !== 0) return faultOfOpened(security, handle, sidText(own, 0));
    const error = security.lastError();
    if (error === errorAccessDenied) return { kind: "closed" };
    if (error !== errorPipeBusy) return undefined;
    if (performance.now() > giveUpAt) return { kind: "busy" };
    await pause(retryMs, signal);
  }
}

/** What is wrong, as a part of a sentence about the pipe. */
export function pipeWords(fault: PipeFault): string {
  if (fault.kind === "closed") return "it is another user's, who closed it to you";
  return fault.kind === "busy" ? "it lets no one in" : accessWords(fault);
}

function faultOfOpened(security: Security, handle: Handle, own: string): PipeFault | undefined {
  try {
    const parts = information.owner | information.accessList;
    const descriptor = security.getKernelObjectSecurity(handle, parts);
    // Wine has none for a pipe that nothing was said of.
    return descriptor && ownerOf(descriptor) !== undefined ? accessFault(descriptor, own) : undefined;
  } finally {
    security.closeHandle(handle);
  }
}
