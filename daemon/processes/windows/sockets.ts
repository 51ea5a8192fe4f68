import { DevlatchError } from "../../../shared/base/errors.ts";
import { readTcp6Table, readTcpTable, type TableSocket } from "./tcp-table.ts";
import type { Win32 } from "./win32.ts";

// winsock2.h and iprtrmib.h
const [addressFamilyIpv4, addressFamilyIpv6] = [2, 23];
const [listenersWithPid, allWithPid] = [3, 5];
const errorInsufficientBuffer = 122;
/** The table grows between asking for its size and for itself. */
const mostTries = 8;

/**
 * TCP sockets of this machine with the processes that made them, IPv4 and IPv6.
 * @param which `listening` is the smaller part by far
 * @throws DevlatchError `INTERNAL` when Windows doesn't tell
 */
export function readSockets(win32: Win32, which: "listening" | "all"): readonly TableSocket[] {
  const kind = which === "listening" ? listenersWithPid : allWithPid;
  return [
    ...readTcpTable(readTable(win32, addressFamilyIpv4, kind)),
    ...readTcp6Table(readTable(win32, addressFamilyIpv6, kind)),
  ];
}

function readTable(win32: Win32, family: number, kind: number): Buffer {
  const size = Uint32Array.of(32 * 1024);
  for (let tries = 0; ; tries++) {
    const table = Buffer.alloc(size[0] ?? 0);
    const error = win32.getExtendedTcpTable(table, size, family, kind);
    if (error === 0) return table;
    if (error !== errorInsufficientBuffer || tries >= mostTries) throw unreadable(error);
    size[0] = (size[0] ?? 0) + 4096;
  }
}

function unreadable(error: number): DevlatchError {
  return new DevlatchError(
    "INTERNAL",
    `Windows doesn't say which sockets there are (error ${error}).`,
    "Try again, and report it if it stays.",
  );
}
