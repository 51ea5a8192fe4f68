import { formatAddress } from "../proc-net.ts";

/** Reading MIB_TCPTABLE_OWNER_PID and MIB_TCP6TABLE_OWNER_PID. Pure, so that it is tested anywhere. */

/** A TCP socket with the process that made it. */
export interface TableSocket {
  /** 0 for a connection that only times out. */
  readonly pid: number;
  readonly listens: boolean;
  readonly local: SocketEnd;
  /** Without meaning for one that listens. */
  readonly remote: SocketEnd;
}

interface SocketEnd {
  /** `127.0.0.1`, `::1`. */
  readonly address: string;
  readonly port: number;
}

const stateListen = 2;
const headerBytes = 4;
// MIB_TCPROW_OWNER_PID: state, local address and port, remote address and port, pid.
const rowBytesV4 = 24;
// MIB_TCP6ROW_OWNER_PID: local address, scope and port, remote address, scope and port, state, pid.
const rowBytesV6 = 56;

/** The sockets of an IPv4 table. */
export function readTcpTable(table: Buffer): TableSocket[] {
  return rowsOf(table, rowBytesV4).map((row) => ({
    pid: row.readUInt32LE(20),
    listens: row.readUInt32LE(0) === stateListen,
    local: { address: addressIn(row, 4, 4), port: row.readUInt16BE(8) },
    remote: { address: addressIn(row, 12, 4), port: row.readUInt16BE(16) },
  }));
}

/** The sockets of an IPv6 table. */
export function readTcp6Table(table: Buffer): TableSocket[] {
  return rowsOf(table, rowBytesV6).map((row) => ({
    pid: row.readUInt32LE(52),
    listens: row.readUInt32LE(48) === stateListen,
    local: { address: addressIn(row, 0, 16), port: row.readUInt16BE(20) },
    remote: { address: addressIn(row, 24, 16), port: row.readUInt16BE(44) },
  }));
}

function rowsOf(table: Buffer, rowBytes: number): Buffer[] {
  const told = table.length < headerBytes ? 0 : table.readUInt32LE();
  const count = Math.min(told, Math.floor((table.length - headerBytes) / rowBytes));
  return Array.from({ length: Math.max(0, count) }, (_, index) => {
    const at = headerBytes + index * rowBytes;
    return table.subarray(at, at + rowBytes);
  });
}

function addressIn(row: Buffer, at: number, bytes: number): string {
  return formatAddress([...row.subarray(at, at + bytes)]);
}
