import { createRequire } from "node:module";

/** A handle of Windows; 0 is none. */
export type Handle = number;

/** Parts of a security descriptor (SECURITY_INFORMATION). */
export const information = { owner: 1, accessList: 4, notInherited: 0x8000_0000 } as const;

/** What of Windows says who owns and may use things, by Windows' own names but for the first letter. */
export interface Security {
  /** Of this very process; needn't be closed. */
  getCurrentProcess(): Handle;
  /** The SID of a process' user, as bytes. @returns undefined where it may not be seen */
  userSid(process: Handle): Buffer | undefined;
  /** A file's self-relative SECURITY_DESCRIPTOR. @param parts of `information` @returns undefined where it can't be read */
  getFileSecurity(path: string, parts: number): Buffer | undefined;
  setFileSecurity(path: string, parts: number, descriptor: Uint8Array): boolean;
  /**
   * Opens a pipe's client end; its server learns who opens it, and can't act as that user.
   * @param access of `access` @returns 0 where it can't be opened; `lastError` says why
   */
  openPipe(path: string, access: number): Handle;
  /** As `getFileSecurity`, of what a handle is of. */
  getKernelObjectSecurity(handle: Handle, parts: number): Buffer | undefined;
  setKernelObjectSecurity(handle: Handle, parts: number, descriptor: Uint8Array): boolean;
  closeHandle(handle: Handle): void;
  /** GetLastError of the last call. */
  lastError(): number;
}

/** Of a SECURITY_DESCRIPTOR; an access list has at most 64 KB. */
const largestDescriptor = 68 * 1024;
const tokenQuery = 8;
const tokenUser = 1;
const openExisting = 3;
/** SECURITY_SQOS_PRESENT and SECURITY_IDENTIFICATION. */
const identifiedOnly = 0x10_0000 | 0x1_0000;
const invalidHandle = -1;

let loaded: { readonly security: Security | undefined } | undefined;

/** @returns undefined on other systems, and where koffi isn't installed or is made for another one */
export function loadSecurity(): Security | undefined {
  loaded ??= { security: process.platform === "win32" ? load() : undefined };
  return loaded.security;
}

function load(): Security | undefined {
  try {
    return bind(createRequire(import.meta.url)("koffi") as typeof import("koffi"));
  } catch {
    return undefined;
  }
}

/** Handles fit into a number: Windows gives 32 significant bits of them. */
function bind(koffi: typeof import("koffi")): Security {
  const [kernel, advapi] = [koffi.load("kernel32.dll"), koffi.load("advapi32.dll")];
  const yes = (result: unknown) => Number(result) !== 0;
  const getLastError = kernel.func("uint32 GetLastError()");
  const current = kernel.func("intptr GetCurrentProcess()");
  const close = kernel.func("int CloseHandle(intptr)");
  const createFile = kernel.func("intptr CreateFileW(str16, uint32, uint32, void *, uint32, uint32, intptr)");
  const openToken = advapi.func("int OpenProcessToken(intptr, uint32, void *)");
  const tokenInformation = advapi.func("int GetTokenInformation(intptr, uint32, void *, uint32, void *)");
  const fileSecurity = advapi.func("int GetFileSecurityW(str16, uint32, void *, uint32, void *)");
  const setFile = advapi.func("int SetFileSecurityW(str16, uint32, void *)");
  const getSecurity = advapi.func("int GetKernelObjectSecurity(intptr, uint32, void *, uint32, void *)");
  const setSecurity = advapi.func("int SetKernelObjectSecurity(intptr, uint32, void *)");
  const closeHandle = (handle: Handle) => void close(handle);
  const descriptorBy = (ask: (buffer: Buffer, length: number, needed: Uint32Array) => unknown) => {
    const buffer = Buffer.alloc(largestDescriptor);
    return yes(ask(buffer, buffer.length, new Uint32Array(1))) ? buffer : undefined;
  };
  return {
    getCurrentProcess: () => Number(current()),
    userSid: (handle) => {
      const token = new BigUint64Array(1);
      if (!yes(openToken(handle, tokenQuery, token))) return undefined;
      try {
        const user = Buffer.alloc(128);
        const isTold = yes(
          tokenInformation(Number(token[0]), tokenUser, user, user.length, new Uint32Array(1)),
        );
        return isTold ? sidOfUser(user, koffi.address(user)) : undefined;
      } finally {
        closeHandle(Number(token[0]));
      }
    },
    getFileSecurity: (path, parts) => descriptorBy((...into) => fileSecurity(path, parts, ...into)),
    setFileSecurity: (path, parts, descriptor) => yes(setFile(path, parts, descriptor)),
    openPipe: (path, access) => {
      const handle = Number(createFile(path, access, 0, null, openExisting, identifiedOnly, 0));
      return handle === invalidHandle ? 0 : handle;
    },
    getKernelObjectSecurity: (handle, parts) =>
      descriptorBy((...into) => getSecurity(handle, parts, ...into)),
    setKernelObjectSecurity: (handle, parts, descriptor) => yes(setSecurity(handle, parts, descriptor)),
    closeHandle,
    lastError: () => Number(getLastError()),
  };
}

/** @param user a TOKEN_USER: a pointer and attributes, then the SID @param address where it lies in this process' memory */
function sidOfUser(user: Buffer, address: bigint): Buffer | undefined {
  const start = Number(user.readBigUInt64LE() - address);
  if (start < 16 || start + 8 > user.length) return undefined;
  // A SID: revision, number of parts, authority of six bytes, parts of four.
  return user.subarray(start, start + 8 + 4 * user.readUInt8(start + 1));
}
