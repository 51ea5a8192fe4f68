import * as z from "zod/mini";
import { DevlatchError } from "../../../shared/base/errors.ts";

/** Reading what PowerShell and netstat print. Pure, so it is tested anywhere. */

const Digits = z.string().check(z.regex(/^\d+$/));

const DigitsOrNone = z.string().check(z.regex(/^\d*$/));

const WindowsProcess = z.object({
  pid: z.int(),
  ppid: z.int(),
  name: z.string(),
  /** FILETIME: 100 ns since 1601, as text, for it is past what a double holds. */
  started: Digits,
  command: z.nullish(z.string()),
  /** User and kernel time in 100 ns, and private memory in bytes; as text like the start, empty where hidden. */
  user: DigitsOrNone,
  kernel: DigitsOrNone,
  memory: DigitsOrNone,
});
export type WindowsProcess = z.infer<typeof WindowsProcess>;

/** Prints processes in the form that `parseWindowsProcesses` reads; `filter` is WQL, e.g. `ProcessId=42`. */
export function processQuery(filter?: string): string {
  const where = filter === undefined ? "" : ` -Filter "${filter}"`;
  return [
    "[Console]::OutputEncoding = [Text.Encoding]::UTF8;",
    // Protected processes have no creation time for us; nothing could be proven about them.
    `Get-CimInstance Win32_Process${where} | Where-Object { $_.CreationDate } | ForEach-Object {`,
    "[pscustomobject]@{ pid = $_.ProcessId; ppid = $_.ParentProcessId; name = $_.Name; command = $_.CommandLine;",
    "started = $_.CreationDate.ToFileTimeUtc().ToString(); user = [string]$_.UserModeTime;",
    "kernel = [string]$_.KernelModeTime; memory = [string]$_.PrivatePageCount } } | ConvertTo-Json -Compress",
  ].join(" ");
}

/** Parses the output of `processQuery`: nothing, one object, or an array (ConvertTo-Json unwraps a single one). @throws DevlatchError `INTERNAL` for anything else */
export function parseWindowsProcesses(text: string): WindowsProcess[] {
  const trimmed = text.replace(/^\uFEFF/, "").trim();
  if (trimmed === "") return [];
  try {
    const value: unknown = JSON.parse(trimmed);
    return z.array(WindowsProcess).parse(Array.isArray(value) ? value : [value]);
  } catch (cause) {
    const what = "PowerShell's list of processes can't be understood.";
    throw new DevlatchError("INTERNAL", what, "Try again, and report it if it stays.", { cause });
  }
}

/** A listening socket, or a client's with the address and port it is connected to. */
export interface NetstatSocket {
  readonly pid: number;
  readonly address: string;
  readonly port: number;
}

/**
 * Parses `netstat -ano`. A listener is told by its remote address (`0.0.0.0:0`, `[::]:0`), not by the word LISTENING,
 * which is translated on localised systems.
 */
export function parseNetstat(text: string): NetstatSocket[] {
  return parseRows(text).flatMap(({ local, remote, pid }) =>
    remote === "0.0.0.0:0" || remote === "[::]:0" ? toSocket(local, pid) : [],
  );
}

/** Parses the same for who is connected to a port. Connections that only time out belong to pid 0. */
export function parseNetstatClients(text: string, port: number): NetstatSocket[] {
  return parseRows(text)
    .flatMap(({ remote, pid }) => (pid === 0 ? [] : toSocket(remote, pid)))
    .filter((socket) => socket.port === port);
}

interface NetstatRow {
  readonly local: string;
  readonly remote: string;
  readonly pid: number;
}

function parseRows(text: string): NetstatRow[] {
  return text.split("\n").flatMap((line) => {
    const [protocol, local = "", remote = "", ...rest] = line.trim().split(/\s+/);
    const pid = Number(rest.at(-1));
    return protocol === "TCP" && Number.isInteger(pid) ? [{ local, remote, pid }] : [];
  });
}

function toSocket(end: string, pid: number): NetstatSocket[] {
  const [, host = "", port] = /^(.+):(\d+)$/.exec(end) ?? [];
  if (port === undefined) return [];
  // `[fe80::1%4]` carries the interface.
  return [{ pid, address: host.replace(/^\[([^%\]]*).*\]$/, "$1"), port: Number(port) }];
}
