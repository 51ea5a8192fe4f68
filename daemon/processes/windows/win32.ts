import { createRequire } from "node:module";
import { type Handle, loadSecurity } from "../../../shared/windows/security.ts";

export type { Handle } from "../../../shared/windows/security.ts";

/**
 * The functions of Windows that Node doesn't have, by their own names but for the first letter. What is called BOOL there is whether it worked; why
 * not says `lastError`, until the next call.
 */
export interface Win32 {
  /** @returns an NTSTATUS: 0 for success */
  ntQuerySystemInformation(kind: number, buffer: Uint8Array, length: number, needed: Uint32Array): number;
  /** @returns an NTSTATUS: 0 for success */
  ntQueryInformationProcess(process: Handle, kind: number, buffer: Uint8Array, length: number): number;
  /** @returns an NTSTATUS: 0 for success */
  ntSuspendProcess(process: Handle): number;
  /** @returns an NTSTATUS: 0 for success */
  ntResumeProcess(process: Handle): number;
  openProcess(access: number, pid: number): Handle;
  closeHandle(handle: Handle): void;
  getProcessTimes(
    process: Handle,
    created: Uint8Array,
    exited: Uint8Array,
    kernel: Uint8Array,
    user: Uint8Array,
  ): boolean;
  waitForSingleObject(handle: Handle, milliseconds: number): number;
  terminateProcess(process: Handle, exitCode: number): boolean;
  /** Reads exactly as many bytes as the buffer has. */
  readProcessMemory(process: Handle, address: bigint, buffer: Uint8Array): boolean;
  /** @returns an error's number: 0 for success */
  getExtendedTcpTable(buffer: Uint8Array, size: Uint32Array, family: number, kind: number): number;
  /** The SID of a process' user, as bytes. @returns undefined where it may not be seen */
  userSid(process: Handle): Buffer | undefined;
  /** A user's name and domain by a SID's bytes. */
  lookupAccountSid(sid: Uint8Array): string | undefined;
  createJobObject(): Handle;
  setInformationJobObject(job: Handle, kind: number, info: Uint8Array): boolean;
  queryInformationJobObject(job: Handle, kind: number, buffer: Uint8Array): boolean;
  assignProcessToJobObject(job: Handle, process: Handle): boolean;
  getCurrentProcess(): Handle;
  attachConsole(pid: number): boolean;
  freeConsole(): boolean;
  /** @returns how many processes share this process' console; 0 for a failure */
  getConsoleProcessList(pids: Uint32Array): number;
  generateConsoleCtrlEvent(event: number, group: number): boolean;
  /** Whether this process, and what it spawns from now on, is deaf to Ctrl-C. */
  ignoreCtrlC(ignores: boolean): boolean;
  /** GetLastError of the last call. */
  lastError(): number;
  /** Where the buffer lies in this process' memory. */
  addressOf(buffer: Uint8Array): bigint;
}

let loaded: { readonly win32: Win32 | undefined } | undefined;

/** @returns undefined where they can't be reached: the native part isn't installed, or is made for another system */
export function loadWin32(): Win32 | undefined {
  loaded ??= { win32: process.platform === "win32" ? load() : undefined };
  return loaded.win32;
}

function load(): Win32 | undefined {
  try {
    return bind(createRequire(import.meta.url)("koffi") as typeof import("koffi"));
  } catch {
    return undefined;
  }
}

/** Handles fit into a number: Windows gives 32 significant bits of them. */
function bind(koffi: typeof import("koffi")): Win32 {
  const [kernel, nt, net, advapi] = ["kernel32", "ntdll", "iphlpapi", "advapi32"].map((name) =>
    koffi.load(`${name}.dll`),
  ) as [Library, Library, Library, Library];
  const yes = (result: unknown) => Number(result) !== 0;
  const getLastError = kernel.func("uint32 GetLastError()");
  const querySystem = nt.func("int NtQuerySystemInformation(uint32, void *, uint32, void *)");
  const queryProcess = nt.func("int NtQueryInformationProcess(intptr, uint32, void *, uint32, void *)");
  const suspend = nt.func("int NtSuspendProcess(intptr)");
  const resume = nt.func("int NtResumeProcess(intptr)");
  const open = kernel.func("intptr OpenProcess(uint32, int, uint32)");
  const close = kernel.func("int CloseHandle(intptr)");
  const times = kernel.func("int GetProcessTimes(intptr, void *, void *, void *, void *)");
  const wait = kernel.func("uint32 WaitForSingleObject(intptr, uint32)");
  const terminate = kernel.func("int TerminateProcess(intptr, uint32)");
  const readMemory = kernel.func("int ReadProcessMemory(intptr, uint64, void *, size_t, void *)");
  const tcpTable = net.func("uint32 GetExtendedTcpTable(void *, void *, int, uint32, uint32, uint32)");
  const lookupSid = advapi.func(
    "int LookupAccountSidW(void *, void *, void *, void *, void *, void *, void *)",
  );
  const createJob = kernel.func("intptr CreateJobObjectW(void *, void *)");
  const setJob = kernel.func("int SetInformationJobObject(intptr, int, void *, uint32)");
  const queryJob = kernel.func("int QueryInformationJobObject(intptr, int, void *, uint32, void *)");
  const assign = kernel.func("int AssignProcessToJobObject(intptr, intptr)");
  const current = kernel.func("intptr GetCurrentProcess()");
  const attachConsole = kernel.func("int AttachConsole(uint32)");
  const freeConsole = kernel.func("int FreeConsole()");
  const consolePids = kernel.func("uint32 GetConsoleProcessList(void *, uint32)");
  const consoleEvent = kernel.func("int GenerateConsoleCtrlEvent(uint32, uint32)");
  const consoleHandler = kernel.func("int SetConsoleCtrlHandler(void *, int)");
  return {
    ntQuerySystemInformation: (kind, buffer, length, needed) =>
      Number(querySystem(kind, buffer, length, needed)),
    ntQueryInformationProcess: (handle, kind, buffer, length) =>
      Number(queryProcess(handle, kind, buffer, length, null)),
    ntSuspendProcess: (handle) => Number(suspend(handle)),
    ntResumeProcess: (handle) => Number(resume(handle)),
    openProcess: (access, pid) => Number(open(access, 0, pid)),
    closeHandle: (handle) => void close(handle),
    getProcessTimes: (handle, ...buffers) => yes(times(handle, ...buffers)),
    waitForSingleObject: (handle, milliseconds) => Number(wait(handle, milliseconds)),
    terminateProcess: (handle, code) => yes(terminate(handle, code)),
    readProcessMemory: (handle, address, buffer) =>
      yes(readMemory(handle, address, buffer, buffer.length, null)),
    getExtendedTcpTable: (buffer, size, family, kind) => Number(tcpTable(buffer, size, 0, family, kind, 0)),
    userSid: (handle) => loadSecurity()?.userSid(handle),
    lookupAccountSid: (sid) => {
      const [name, domain] = [Buffer.alloc(514), Buffer.alloc(514)];
      const [nameLength, domainLength, use] = [Uint32Array.of(256), Uint32Array.of(256), new Uint32Array(1)];
      if (!yes(lookupSid(null, sid, name, nameLength, domain, domainLength, use))) return undefined;
      return name.toString("utf16le", 0, (nameLength[0] ?? 0) * 2);
    },
    createJobObject: () => Number(createJob(null, null)),
    setInformationJobObject: (job, kind, info) => yes(setJob(job, kind, info, info.length)),
    queryInformationJobObject: (job, kind, buffer) => yes(queryJob(job, kind, buffer, buffer.length, null)),
    assignProcessToJobObject: (job, handle) => yes(assign(job, handle)),
    getCurrentProcess: () => Number(current()),
    attachConsole: (pid) => yes(attachConsole(pid)),
    freeConsole: () => yes(freeConsole()),
    getConsoleProcessList: (pids) => Number(consolePids(pids, pids.length)),
    generateConsoleCtrlEvent: (event, group) => yes(consoleEvent(event, group)),
    ignoreCtrlC: (ignores) => yes(consoleHandler(null, ignores ? 1 : 0)),
    lastError: () => Number(getLastError()),
    addressOf: (buffer) => koffi.address(buffer),
  };
}

type Library = ReturnType<typeof import("koffi").load>;
