import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { inflateSync } from "node:zlib";
import { readJobPids } from "../../../daemon/processes/windows/own-job.ts";
import {
  parseEnvironment,
  readEnvironment,
  readProcessBlock,
} from "../../../daemon/processes/windows/process-block.ts";
import {
  readProcessTable,
  startTimeOf,
  withTrueParents,
} from "../../../daemon/processes/windows/process-table.ts";
import { readTcp6Table, readTcpTable } from "../../../daemon/processes/windows/tcp-table.ts";
import { accessFault } from "../../../shared/windows/access-list.ts";
import { accessFor, sidBytes as sid } from "../../../shared/windows/descriptor.ts";
import { pipeFault } from "../../../shared/windows/own-pipe.ts";
import type { Security } from "../../../shared/windows/security.ts";
import { repository } from "../../support/paths.ts";

/**
 * What Wine 8 answered to a node that had just started another (`node -e … "ä b"` in C:\windows, with DEVLATCH_LAUNCH and
 * Mixed in its environment), listened on 127.0.0.1:45871 and [::1]:45872, and was connected to the first.
 */
const recorded = JSON.parse(
  readFileSync(join(repository, "test/fixtures/windows/recorded.json"), "utf8"),
) as {
  readonly table: { readonly address: string; readonly data: string };
  readonly me: number;
  readonly child: number;
  readonly peb: string;
  readonly memory: Readonly<Record<string, string>>;
  readonly tcp4: string;
  readonly tcp6: string;
};

const table = inflateSync(Buffer.from(recorded.table.data, "base64"));
const address = BigInt(recorded.table.address);

const read = (at: bigint, bytes: number) => {
  const found = recorded.memory[`${at}+${bytes}`];
  return found === undefined ? undefined : Buffer.from(found, "base64");
};

describe("the kernel's table of processes", () => {
  test("has parents, names and start times", () => {
    const processes = readProcessTable(table, address);
    const [me, child] = [recorded.me, recorded.child].map((pid) => processes.find((one) => one.pid === pid));
    assert.ok(me && child);
    assert.equal(child.ppid, me.pid);
    assert.deepEqual([me.name, child.name], ["node.exe", "node.exe"]);
    assert.match(child.startTime, /^13\d{15}0$/);
    assert.ok(BigInt(child.startTime) > BigInt(me.startTime));
    assert.ok(me.cpuMs > 0 && me.memoryBytes > 1024 * 1024);
    assert.equal(child.ended, false);
    assert.ok(processes.some(({ name }) => name === "services.exe"));
  });

  test("that is cut off or broken gives what it holds", () => {
    const whole = readProcessTable(table, address);
    const cut = readProcessTable(table.subarray(0, table.length - 600), address);
    assert.ok(cut.length < whole.length);
    assert.deepEqual(cut, whole.slice(0, cut.length));
    assert.deepEqual(readProcessTable(Buffer.alloc(10), 0n), []);
    // Names that lie elsewhere aren't read.
    assert.ok(readProcessTable(table, 1n).every(({ name }) => name === "System"));
  });

  test("keeps no parent that is younger than its child, or gone", () => {
    const one = (pid: number, ppid: number, startTime: string) => ({
      ...{ pid, ppid, startTime, name: "x.exe", cpuMs: 0, memoryBytes: 0, ended: false },
    });
    const found = withTrueParents([one(8, 4, "20"), one(12, 8, "30"), one(16, 20, "40"), one(20, 0, "50")]);
    assert.deepEqual(
      found.map(({ ppid }) => ppid),
      [0, 8, 0, 0],
    );
  });

  test("start times are in microseconds, as those of WMI", () => {
    assert.equal(startTimeOf(134_405_127_423_457_169n), "134405127423457160");
  });
});

describe("a process' own block", () => {
  test("has its command line, directory and variables", () => {
    const block = readProcessBlock(BigInt(recorded.peb), read);
    assert.ok(block);
    assert.equal(block.command, 'C:\\node\\node.exe -e setTimeout(()=>{},20000) "ä b"');
    assert.equal(block.cwd, "C:\\windows");
    const variables = readEnvironment(block, read);
    assert.equal(variables?.get("DEVLATCH_LAUNCH"), "0123abcd");
    assert.equal(variables?.get("MIXED"), "Größe=1");
  });

  test("that can't be read is unknown, whatever part of it is missing", () => {
    const parts = Object.keys(recorded.memory);
    for (const missing of parts) {
      const partly = (at: bigint, bytes: number) =>
        `${at}+${bytes}` === missing ? undefined : read(at, bytes);
      const block = readProcessBlock(BigInt(recorded.peb), partly);
      assert.equal(block && readEnvironment(block, partly), undefined, missing);
    }
    assert.equal(
      readProcessBlock(1n, () => Buffer.alloc(1024)),
      undefined,
    );
  });

  test("whose environment is larger than any is left unread", () => {
    const block = { command: "", cwd: "", environment: { address: 1n, bytes: 2 ** 31 } };
    assert.equal(
      readEnvironment(block, () => assert.fail("it was read")),
      undefined,
    );
  });

  test("variables end at the first empty one, and cmd's directories are not one", () => {
    const text = "=C:=C:\\work\0Path=C:\\windows\0EMPTY=\0\0rest=1\0";
    const variables = parseEnvironment(Buffer.from(text, "utf16le"));
    assert.deepEqual(
      [...variables],
      [
        ["=C:", "C:\\work"],
        ["PATH", "C:\\windows"],
        ["EMPTY", ""],
      ],
    );
  });
});

describe("the tables of sockets", () => {
  test("tell listeners from connections", () => {
    const sockets = readTcpTable(Buffer.from(recorded.tcp4, "base64"));
    const local = sockets.filter(({ local }) => local.port === 45_871);
    assert.deepEqual(local.find(({ listens }) => listens)?.local, { address: "127.0.0.1", port: 45_871 });
    const client = sockets.find(({ listens, remote }) => !listens && remote.port === 45_871);
    assert.equal(client?.remote.address, "127.0.0.1");
  });

  test("have IPv6, and owners", () => {
    // Laid out by MIB_TCP6ROW_OWNER_PID: Wine's table of a machine without IPv6 is empty.
    const row = Buffer.alloc(4 + 56);
    row.writeUInt32LE(1, 0);
    row.writeUInt8(1, 4 + 15);
    row.writeUInt16BE(45_872, 4 + 20);
    row.writeUInt32LE(2, 4 + 48);
    row.writeUInt32LE(4711, 4 + 52);
    assert.deepEqual(readTcp6Table(row), [
      {
        ...{ pid: 4711, listens: true },
        local: { address: "::1", port: 45_872 },
        remote: { address: "::", port: 0 },
      },
    ]);
  });

  test("are read no further than they go", () => {
    const lying = Buffer.alloc(4 + 24);
    lying.writeUInt32LE(1_000_000, 0);
    assert.equal(readTcpTable(lying).length, 1);
    assert.deepEqual(readTcpTable(Buffer.alloc(0)), []);
  });
});

test("a job's list of pids", () => {
  const list = Buffer.alloc(8 + 3 * 8);
  list.writeUInt32LE(5, 0);
  list.writeUInt32LE(2, 4);
  list.writeBigUInt64LE(40n, 8);
  list.writeBigUInt64LE(44n, 16);
  assert.deepEqual([...readJobPids(list)], [40, 44]);
});

describe("an access list", () => {
  const me = "S-1-5-21-1-2-3-1001";
  const [system, administrators, everyone] = ["S-1-5-18", "S-1-5-32-544", "S-1-1-0"];
  const [full, read, modify] = [0x1f_01ff, 0x12_00a9, 0x13_01bf];

  /** A self-relative descriptor: entries are a type, a mask and whom it is for. */
  const descriptor = (owner: string, entries?: readonly (readonly [number, number, string])[]) => {
    const head = Buffer.alloc(20);
    head.writeUInt8(1, 0);
    head.writeUInt16LE(entries === undefined ? 0x8000 : 0x8004, 2);
    const aces = (entries ?? []).map(([type, mask, whom]) => {
      const ace = Buffer.concat([Buffer.alloc(8), sid(whom)]);
      ace.writeUInt8(type, 0);
      ace.writeUInt16LE(ace.length, 2);
      ace.writeUInt32LE(mask, 4);
      return ace;
    });
    const list = Buffer.concat([Buffer.alloc(8), ...aces]);
    list.writeUInt16LE(list.length, 2);
    list.writeUInt16LE(aces.length, 4);
    head.writeUInt32LE(20, 4);
    const whose = sid(owner);
    if (entries !== undefined) head.writeUInt32LE(20 + whose.length, 16);
    return Buffer.concat([head, whose, list]);
  };

  test("of one's own directory is believed", () => {
    const usual = [
      [0, full, system],
      [0, full, administrators],
      [0, full, me],
      [0, read, everyone],
      [1, full, everyone],
    ] as const;
    assert.equal(accessFault(descriptor(me, usual), me), undefined);
    assert.equal(accessFault(descriptor(administrators, usual), me), undefined);
  });

  test("that lets another write isn't, nor is another's directory, nor one without a list", () => {
    const other = "S-1-5-21-1-2-3-1002";
    assert.deepEqual(accessFault(descriptor(other, [[0, full, me]]), me), { kind: "owner", sid: other });
    for (const whom of [everyone, other, "S-1-5-11"]) {
      const list = [
        [0, full, me],
        [0, modify, whom],
      ] as const;
      assert.deepEqual(accessFault(descriptor(me, list), me), { kind: "writer", sid: whom });
    }
    assert.deepEqual(accessFault(descriptor(me), me), { kind: "open" });
  });

  test("made for some users lets them do everything, and no one else anything", () => {
    const made = accessFor([sid(me), sid(system)]);
    const expected = descriptor(me, [
      [0, full, me],
      [0, full, system],
    ]);
    // What is above isn't inherited, and the revision of a list is 2.
    expected.writeUInt16LE(0x9004, 2);
    expected.writeUInt8(2, 20 + sid(me).length);
    assert.deepEqual(made, expected);
  });

  /** Windows with a pipe that is opened as `open` says, call by call: the error, or 0. */
  const userWith = (errors: number[], found?: Buffer) => {
    let error = 0;
    const security = {
      openPipe: () => {
        error = errors.length > 1 ? (errors.shift() ?? 0) : (errors[0] ?? 0);
        return error === 0 ? 1 : 0;
      },
      lastError: () => error,
      getKernelObjectSecurity: () => found,
      closeHandle: () => {},
    } as unknown as Security;
    return { security, own: sid(me) };
  };
  const fault = (...user: Parameters<typeof userWith>) => pipeFault("x", undefined, userWith(...user));

  test("of a pipe tells whose it is before anything is said to it", async () => {
    const usual = [
      [0, full, me],
      [0, 0x12_0089, everyone],
    ] as const;
    assert.equal(await fault([0], descriptor(me, usual)), undefined);
    // Others connect at the moment.
    assert.equal(await fault([231, 231, 0], descriptor(me, usual)), undefined);
    const other = "S-1-5-21-1-2-3-1002";
    assert.deepEqual(await fault([0], descriptor(other, usual)), { kind: "owner", sid: other });
    assert.deepEqual(await fault([0], descriptor(me, [[0, modify, other]])), { kind: "writer", sid: other });
    assert.deepEqual(await fault([5]), { kind: "closed" });
    // No pipe: connecting says so.
    assert.equal(await fault([2]), undefined);
    await assert.rejects(pipeFault("x", AbortSignal.abort(new Error("enough")), userWith([231])), /enough/);
  });
});
