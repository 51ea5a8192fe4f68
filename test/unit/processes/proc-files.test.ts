import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { localAddresses } from "../../../daemon/processes/local-addresses.ts";
import { entryValue, parseStat } from "../../../daemon/processes/proc-files.ts";
import {
  parseAddress,
  parseClientSockets,
  parseListeningSockets,
} from "../../../daemon/processes/proc-net.ts";

const stat = (name: string, state = "S", threads = 1) =>
  `4711 (${name}) ${state} 42 43 44 34816 4711 4194304 1204 0 0 0 3 1 50 7 20 0 ${threads} 0 987654 2961408 200 18446744073709551615 1 1 0\n`;

describe("/proc/<pid>/stat", () => {
  it("gives the fields by their numbers in proc_pid_stat(5)", () => {
    assert.deepEqual(parseStat(stat("node")), {
      pid: 4711,
      name: "node",
      ppid: 42,
      pgid: 43,
      sid: 44,
      tty: 34816,
      startTicks: 987_654,
      cpuTicks: 4,
      childrenCpuTicks: 57,
      zombie: false,
      suspended: false,
    });
  });

  it("survives any name a process gives itself", () => {
    for (const name of [
      "tmux: server",
      "a) S 1 1 1",
      "((sd-pam))",
      ")",
      "",
      "new\nline",
      "Web Content (x)",
    ]) {
      const parsed = parseStat(stat(name));
      assert.deepEqual([parsed?.name, parsed?.ppid, parsed?.startTicks], [name, 42, 987_654], name);
    }
    fc.assert(fc.property(fc.string(), (name) => parseStat(stat(name))?.startTicks === 987_654));
  });

  it("flags the ended, but not a process whose other threads run on", () => {
    assert.equal(parseStat(stat("node", "Z"))?.zombie, true);
    assert.equal(parseStat(stat("node", "X"))?.zombie, true);
    assert.equal(parseStat(stat("node", "Z", 3))?.zombie, false);
    assert.equal(parseStat(stat("node", "T"))?.zombie, false);
  });

  it("gives nothing for text that isn't a stat line", () => {
    for (const text of ["", "4711", "4711 (node", "4711 (node) S 1 2", ")(", "x (node) S 1 2 3"]) {
      assert.equal(parseStat(text), undefined, text);
    }
  });
});

describe("/proc/<pid>/environ", () => {
  const environ = Buffer.from("A=1\0XDEVLATCH_LAUNCH=abc\0DEVLATCH_LAUNCH=abcd\0LAST=abc");
  it("gives the value of exactly that variable", () => {
    assert.equal(entryValue(environ, "DEVLATCH_LAUNCH"), "abcd");
    assert.equal(entryValue(environ, "A"), "1");
    assert.equal(entryValue(environ, "LAST"), "abc");
    assert.equal(entryValue(environ, "LAUNCH"), undefined);
    assert.equal(entryValue(Buffer.alloc(0), "A"), undefined);
  });
});

describe("/proc/net/tcp", () => {
  // Recorded on Linux 6.18: a listener, its established peer, and one on all addresses.
  const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 31337 1 0000000000000000 100 0 0 10 0
   1: 0100007F:0BB8 0100007F:D2F0 01 00000000:00000000 00:00000000 00000000  1000        0 31338 1 0000000000000000 20 4 30 10 -1
   2: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31339 1 0000000000000000 100 0 0 10 0
`;
  it("gives listeners only, of one port if asked", () => {
    const first = { address: "127.0.0.1", port: 3000, inode: "31337", uid: 1000 };
    const second = { address: "0.0.0.0", port: 8080, inode: "31339", uid: 0 };
    assert.deepEqual(parseListeningSockets(tcp), [first, second]);
    assert.deepEqual(parseListeningSockets(tcp, 3000), [first]);
    assert.deepEqual(parseListeningSockets(""), []);
  });

  it("gives the clients of a port: not the server's end, none on another port, no closed ones", () => {
    const row = (local: string, remote: string, state: string, inode: number) =>
      `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000 20 4 30 10 -1\n`;
    const text = [
      "  sl  local_address rem_address   st\n",
      row("0100007F:0BB8", "00000000:0000", "0A", 1),
      row("0100007F:0BB8", "0100007F:D6D8", "01", 2),
      row("0100007F:D6D8", "0100007F:0BB8", "01", 3),
      row("0100007F:D6D9", "0100007F:0BB8", "08", 4),
      row("0100007F:D6DA", "0100007F:0BB8", "06", 0),
      row("0100007F:D6DB", "0100007F:0BB9", "01", 5),
    ].join("");
    assert.deepEqual(parseClientSockets(text, 3000), [
      { address: "127.0.0.1", port: 3000, inode: "3", uid: 0 },
      { address: "127.0.0.1", port: 3000, inode: "4", uid: 0 },
    ]);
  });

  it("tells this machine's addresses from others, as sockets of either family show them", () => {
    const isLocal = localAddresses();
    for (const own of ["127.0.0.1", "127.0.1.1", "::1", "::ffff:127.0.0.1"]) assert.ok(isLocal(own), own);
    for (const other of ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1"]) assert.ok(!isLocal(other), other);
  });

  it("writes IPv6 addresses as people do", () => {
    assert.equal(parseAddress("00000000000000000000000000000000"), "::");
    assert.equal(parseAddress("00000000000000000000000001000000"), "::1");
    assert.equal(parseAddress("B80D0120000000000000000001000000"), "2001:db8::1");
    assert.equal(parseAddress("000080FE00000000FF005450B6AD1DFE"), "fe80::5054:ff:fe1d:adb6");
    assert.equal(parseAddress("0000000000000000FFFF00000100007F"), "::ffff:127.0.0.1");
  });
});
