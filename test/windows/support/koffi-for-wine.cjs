"use strict";
/**
 * koffi, with the one answer mended that Wine 8 gives wrongly: its tables of sockets have no owners, because the sockets
 * are its server's. Who has a handle of a socket is found by duplicating the handles of all processes.
 */
const koffi = require("./of-koffi.cjs");

const rowBytes = { 2: 24, 23: 56 };
const pidAt = { 2: 20, 23: 52 };
const portAt = { 2: 8, 23: 20 };
const [duplicateHandle, duplicateSameAccess] = [0x40, 2];
const extendedHandles = 64;
/** What handles of sockets are opened for. */
const socketAccess = 0x12_019f;

let library;

function windows() {
  if (library) return library;
  const [nt, kernel, net] = ["ntdll.dll", "kernel32.dll", "ws2_32.dll"].map((name) => koffi.load(name));
  library = {
    query: nt.func("int NtQuerySystemInformation(uint32, void *, uint32, void *)"),
    open: kernel.func("intptr OpenProcess(uint32, int, uint32)"),
    duplicate: kernel.func("int DuplicateHandle(intptr, intptr, intptr, void *, uint32, int, uint32)"),
    close: kernel.func("int CloseHandle(intptr)"),
    current: kernel.func("intptr GetCurrentProcess()"),
    nameOf: net.func("int getsockname(intptr, void *, void *)"),
  };
  net.func("int WSAStartup(uint16, void *)")(0x202, Buffer.alloc(512));
  return library;
}

/** Where a handle's socket is bound, as `family port`; undefined for a handle of something else, or a lost one. */
function boundTo(process, handle) {
  const { duplicate, current, nameOf, close } = windows();
  const copy = new BigUint64Array(1);
  if (!duplicate(process, handle, current(), copy, 0, 0, duplicateSameAccess)) return undefined;
  const [name, length] = [Buffer.alloc(128), Uint32Array.of(128)];
  const isSocket = nameOf(Number(copy[0]), name, length) === 0;
  close(Number(copy[0]));
  return isSocket ? `${name.readUInt16LE(0)} ${name.readUInt16BE(2)}` : undefined;
}

function withProcess(pid, work) {
  const { open, close } = windows();
  const process = Number(open(duplicateHandle, 0, pid));
  if (process === 0) return undefined;
  try {
    return work(process);
  } finally {
    close(process);
  }
}

/** By `family port`. */
const owners = new Map();
/** How often each was looked for in vain: sockets of Linux' own programs have no owner here. */
const missed = new Map();
const mostMisses = 3;

function search() {
  const table = Buffer.alloc(4 * 1024 * 1024);
  if (windows().query(extendedHandles, table, table.length, new Uint32Array(1)) !== 0) return;
  const byPid = new Map();
  for (let at = 16, left = Number(table.readBigUInt64LE(0)); left > 0; left--, at += 40) {
    const [pid, handle] = [Number(table.readBigUInt64LE(at + 8)), Number(table.readBigUInt64LE(at + 16))];
    if (table.readUInt32LE(at + 24) !== socketAccess) continue;
    byPid.set(pid, [...(byPid.get(pid) ?? []), handle]);
  }
  for (const [pid, handles] of byPid) {
    withProcess(pid, (process) => {
      for (const handle of handles) {
        const bound = boundTo(process, handle);
        if (bound !== undefined) owners.set(bound, { pid, handle });
      }
    });
  }
}

function ownerOf(bound) {
  const known = owners.get(bound);
  if (known && withProcess(known.pid, (process) => boundTo(process, known.handle)) === bound)
    return known.pid;
  owners.delete(bound);
  const misses = missed.get(bound) ?? 0;
  if (misses >= mostMisses) return 0;
  search();
  const found = owners.get(bound)?.pid;
  if (found === undefined) missed.set(bound, misses + 1);
  return found ?? 0;
}

function mend(table, family) {
  const count = table.readUInt32LE(0);
  for (let row = 0; row < count; row++) {
    const at = 4 + row * rowBytes[family];
    if (table.readUInt32LE(at + pidAt[family]) !== 0) continue;
    const owner = ownerOf(`${family} ${table.readUInt16BE(at + portAt[family])}`);
    table.writeUInt32LE(owner, at + pidAt[family]);
  }
}

module.exports = {
  ...koffi,
  load(name, ...rest) {
    const loaded = koffi.load(name, ...rest);
    if (!/iphlpapi/i.test(String(name))) return loaded;
    return {
      func(prototype) {
        const call = loaded.func(prototype);
        return (table, size, order, family, ...others) => {
          const error = call(table, size, order, family, ...others);
          if (error === 0) mend(table, family);
          return error;
        };
      },
    };
  },
};
