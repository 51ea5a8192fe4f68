import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MacProcesses } from "../../../daemon/processes/macos/by-libproc.ts";
import { isTrue, type LibProc } from "../../../daemon/processes/macos/libproc.ts";
import {
  directoryBytes,
  kernelProcessBytes,
  readDirectory,
  readKernelProcesses,
  readSocket,
  readSocketDescriptors,
  readStartArguments,
  readUsage,
  socketBytes,
  usageBytes,
} from "../../../daemon/processes/macos/structures.ts";

/** A `struct kinfo_proc`, laid out by <sys/sysctl.h>. */
function kernelProcess(fields: {
  pid: number;
  ppid?: number;
  pgid?: number;
  uid?: number;
  state?: number;
  seconds?: number;
  name?: string;
  device?: number;
}): Buffer {
  const { pid, ppid = 1, pgid = pid, uid = 501, state = 2, seconds = 1_700_000_000, name = "node" } = fields;
  const entry = Buffer.alloc(kernelProcessBytes, 0xaa);
  entry.writeBigInt64LE(BigInt(seconds), 0);
  entry.writeUInt8(state, 36);
  entry.writeInt32LE(pid, 40);
  entry.write(`${name}\0`, 243);
  entry.writeUInt32LE(uid, 420);
  entry.writeInt32LE(ppid, 560);
  entry.writeInt32LE(pgid, 564);
  entry.writeInt32LE(fields.device ?? -1, 572);
  return entry;
}

/** A `struct socket_fdinfo` of a TCP socket, laid out by <sys/proc_info.h>. */
function tcpSocket(local: readonly [readonly number[], number], state: number): Buffer {
  const [address, port] = local;
  const bytes = Buffer.alloc(socketBytes);
  bytes.writeInt32LE(2, 256);
  bytes.writeUInt16BE(port, 268);
  bytes.writeUInt8(address.length === 4 ? 1 : 2, 288);
  bytes.set(address, 312 + 16 - address.length);
  bytes.writeInt32LE(state, 344);
  return bytes;
}

describe("the structures of macOS", () => {
  test("its table of processes", () => {
    const table = Buffer.concat([
      kernelProcess({ pid: 100, ppid: 50, pgid: 90, device: 0x1000_0003 }),
      kernelProcess({ pid: 101, state: 5 }),
      kernelProcess({ pid: 102, state: 4, name: "a-name-of-16-chr" }),
      Buffer.alloc(100),
    ]);
    const [first, second, third, ...more] = readKernelProcesses(table);
    assert.deepEqual(first, {
      ...{ pid: 100, ppid: 50, pgid: 90, uid: 501, name: "node" },
      ...{ zombie: false, suspended: false, startedAt: 1_700_000_000_000, terminal: 0x1000_0003 },
    });
    assert.deepEqual([second?.zombie, third?.suspended, third?.name], [true, true, "a-name-of-16-chr"]);
    assert.equal(more.length, 0);
  });

  test("a process' words and variables", () => {
    const count = Buffer.alloc(4);
    count.writeInt32LE(3);
    const text =
      "/usr/local/bin/node\0\0\0\0\0node\0server.js\0\0DEVLATCH_LAUNCH=ab\0A=b=c\0\0executable_path=/x\0";
    const found = readStartArguments(Buffer.concat([count, Buffer.from(text)]));
    assert.equal(found?.command, "node server.js ");
    assert.deepEqual(
      [...(found?.environment ?? [])],
      [
        ["DEVLATCH_LAUNCH", "ab"],
        ["A", "b=c"],
      ],
    );
  });

  test("words that are cut off are none", () => {
    assert.equal(readStartArguments(Buffer.alloc(2)), undefined);
    assert.equal(readStartArguments(Buffer.from([9, 0, 0, 0, 47, 97, 0, 97, 0])), undefined);
    assert.equal(readStartArguments(Buffer.from([255, 255, 255, 255, 47, 0, 97, 0])), undefined);
    assert.equal(readStartArguments(Buffer.from([1, 0, 0, 0, 47, 97])), undefined);
  });

  test("a directory, and what is used", () => {
    const directory = Buffer.alloc(directoryBytes);
    directory.write("/Users/me/größe\0rest", 152);
    assert.equal(readDirectory(directory), "/Users/me/größe");
    assert.equal(readDirectory(Buffer.alloc(directoryBytes)), undefined);
    const usage = Buffer.alloc(usageBytes);
    for (const [at, value] of [
      [16, 5n],
      [24, 7n],
      [72, 4096n],
    ] as const)
      usage.writeBigUInt64LE(value, at);
    assert.deepEqual(readUsage(usage), { cpuTicks: 12n, memoryBytes: 4096 });
  });

  test("sockets and their descriptors", () => {
    const descriptors = Buffer.alloc(3 * 8 + 4);
    for (const [index, [descriptor, kind]] of [
      [0, 1],
      [21, 2],
      [22, 2],
    ].entries()) {
      descriptors.writeInt32LE(descriptor ?? 0, index * 8);
      descriptors.writeUInt32LE(kind ?? 0, index * 8 + 4);
    }
    assert.deepEqual(readSocketDescriptors(descriptors), [21, 22]);
    const ofIpv4 = readSocket(tcpSocket([[127, 0, 0, 1], 3000], 1));
    assert.deepEqual([ofIpv4?.listens, ofIpv4?.local], [true, { address: "127.0.0.1", port: 3000 }]);
    const loopback = [...Array.from({ length: 15 }, () => 0), 1];
    const ofIpv6 = readSocket(tcpSocket([loopback, 8081], 4));
    assert.deepEqual([ofIpv6?.listens, ofIpv6?.local], [false, { address: "::1", port: 8081 }]);
    assert.equal(readSocket(Buffer.alloc(socketBytes)), undefined);
  });
});

/** A kernel that knows these processes, two of which are a server and what it left. */
function kernel(changes: Partial<LibProc> = {}): LibProc {
  const [host, leader, left, other] = [
    kernelProcess({ pid: 10, ppid: 1 }),
    kernelProcess({ pid: 20, ppid: 10, seconds: 1_700_000_010 }),
    kernelProcess({ pid: 30, ppid: 1, seconds: 1_700_000_020 }),
    kernelProcess({ pid: 40, ppid: 1, uid: 0, seconds: 1_700_000_030 }),
  ];
  const all = readKernelProcesses(Buffer.concat([host, leader, left, other] as Buffer[]));
  const marked = { command: "node left.js", environment: new Map([["DEVLATCH_LAUNCH", "cookie"]]) };
  return {
    processes: (pid) => (pid === undefined ? all : all.filter((one) => one.pid === pid)),
    startArguments: (pid) =>
      pid === 30 ? marked : pid === 40 ? undefined : { command: "node", environment: new Map() },
    directory: (pid) => (pid === 40 ? undefined : "/work"),
    usage: (pid) => (pid === 40 ? undefined : { cpuMs: 5, memoryBytes: 1024 }),
    sockets: (pid) =>
      pid === 30 ? [readSocket(tcpSocket([[0, 0, 0, 0], 3000], 1))].flatMap((one) => one ?? []) : [],
    session: () => 0,
    boot: () => "uuid",
    ...changes,
  };
}

describe("processes of macOS by its kernel", () => {
  const leader = { pid: 20, startTime: "1700000010000" };

  test("a tree is descendants and who carries its mark", async () => {
    const processes = new MacProcesses(kernel(), () => []);
    const members = await processes.members({ leader, cookie: "cookie" });
    assert.deepEqual(members.map(({ pid }) => pid).sort(), [20, 30]);
    const [usage] = await processes.usage([{ leader, cookie: "cookie" }]);
    assert.equal(usage?.length, 2);
    assert.deepEqual(await processes.withVariable("DEVLATCH_LAUNCH"), [
      { pid: 30, startTime: "1700000020000", value: "cookie" },
    ]);
  });

  test("who may not be looked at is there all the same, by its name", async () => {
    const processes = new MacProcesses(kernel(), () => []);
    const other = await processes.identify(40);
    assert.ok(other);
    assert.equal(await processes.hasEnded(other), false);
    const { command, cwd } = await processes.describe(other);
    assert.deepEqual([command, cwd], ["node", undefined]);
    assert.equal(await processes.hasEnded({ pid: 41, startTime: "1" }), true);
  });

  test("a listener is described with its port", async () => {
    const [listener] = await new MacProcesses(kernel(), () => []).listeners(3000);
    assert.deepEqual([listener?.pid, listener?.address, listener?.cwd], [30, "0.0.0.0", "/work"]);
  });

  test("a kernel that doesn't answer isn't one without processes", async () => {
    const processes = new MacProcesses(kernel({ processes: () => undefined }), () => []);
    await assert.rejects(processes.list(), /doesn't say which processes/);
    await assert.rejects(processes.isAlive(leader));
  });
});

test("structures that are others than expected aren't believed", () => {
  const known = { pid: 20, ppid: 10, uid: 501, startedAt: 1_700_000_012_345, cwd: "/work" };
  assert.equal(isTrue(kernel(), known), true);
  for (const wrong of [{ ppid: 11 }, { uid: 0 }, { startedAt: 1_600_000_000_000 }, { cwd: "/" }, { pid: 21 }])
    assert.equal(isTrue(kernel(), { ...known, ...wrong }), false, JSON.stringify(wrong));
  assert.equal(isTrue(kernel({ processes: () => undefined }), known), false);
  assert.equal(isTrue(kernel({ startArguments: () => undefined }), known), false);
});
