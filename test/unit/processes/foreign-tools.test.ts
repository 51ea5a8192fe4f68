import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseMachineGuid, parsePlatformUuid } from "../../../daemon/processes/machine.ts";
import {
  parseLsofClients,
  parseLsofCwd,
  parseLsofListeners,
} from "../../../daemon/processes/macos/lsof-output.ts";
import { parsePs, parsePsMarks, parsePsVariable } from "../../../daemon/processes/macos/ps-output.ts";
import {
  parseNetstat,
  parseNetstatClients,
  parseWindowsProcesses,
} from "../../../daemon/processes/windows/tools-output.ts";

describe("macOS", () => {
  const ps = `    1     0     1     0 Ss    14208   4:03.91 Mon Oct 13 06:02:11 2025     /sbin/launchd
 4242     1  4242   501 S+   181440 123:45.67 Thu Aug  7 10:12:13 2025     /Applications/Visual Studio Code.app/Contents/MacOS/Code Helper (Plugin)
 4243  4242  4242   501 Z         0   0:00.00 Thu Aug  7 10:12:14 2025     (node)
ps: something else
`;
  it("reads ps, with blanks in names and a start time that is UTC", () => {
    const [launchd, code, zombie, ...rest] = parsePs(ps);
    assert.deepEqual(launchd?.name, "launchd");
    assert.deepEqual(code, {
      pid: 4242,
      ppid: 1,
      pgid: 4242,
      uid: 501,
      zombie: false,
      suspended: false,
      residentBytes: 181_440 * 1024,
      cpuMs: 123 * 60_000 + 45_670,
      startedAt: Date.UTC(2025, 7, 7, 10, 12, 13),
      name: "Code Helper (Plugin)",
    });
    assert.equal(zombie?.zombie, true);
    assert.deepEqual(rest, []);
  });

  it("finds the marks in the environment that ps appends, as whole words", () => {
    const text = ` 4242 node server.js PATH=/bin DEVLATCH_LAUNCH=abc HOME=/Users/ada
 4243 node server.js DEVLATCH_LAUNCH=abcd DEVLATCH_DAEMON=1
 4244 node X=DEVLATCH_LAUNCH=abc
 4245 node daemon.js --devlatch DEVLATCH_DAEMON=1
 4246 node host.js --devlatch DEVLATCH_HOST=abc.def
`;
    assert.deepEqual(
      [...parsePsMarks(text)],
      [
        [4242, "abc"],
        [4243, "abcd"],
        [4246, "devlatch"],
        [4245, "devlatch"],
      ],
    );
  });

  it("reads CPU time with hours and days, as a process of many days has it", () => {
    const line = (time: string) => `7 1 7 501 S 2048 ${time} Thu Aug  7 10:12:13 2025 /usr/bin/node`;
    const text = [line("0:00.04"), line("1:02:03"), line("2-03:04:05")].join("\n");
    assert.deepEqual(
      parsePs(text).map(({ cpuMs }) => cpuMs),
      [40, 3_723_000, 183_845_000],
    );
  });

  it("reads the cookie's value; one that only the command line names is not the environment's", () => {
    const text = ` 4242 node server.js PATH=/bin DEVLATCH_LAUNCH=abc HOME=/Users/ada
 4243 env DEVLATCH_LAUNCH=x node DEVLATCH_LAUNCH=abcd
 4244 node XDEVLATCH_LAUNCH=abc
`;
    assert.deepEqual(
      [...parsePsVariable(text, "DEVLATCH_LAUNCH")],
      [
        [4242, "abc"],
        [4243, "abcd"],
      ],
    );
  });

  it("reads lsof's listeners of both families, no client, each once", () => {
    const lsof = `p4242
f23
tIPv4
n127.0.0.1:3000
f24
tIPv6
n[::1]:3000
f25
tIPv6
n*:8081
f26
tIPv6
n*:8081
f27
tIPv4
n127.0.0.1:55000->127.0.0.1:3000
p99
f7
tIPv4
n*:5000
`;
    assert.deepEqual(parseLsofListeners(lsof), [
      { pid: 4242, address: "127.0.0.1", port: 3000 },
      { pid: 4242, address: "::1", port: 3000 },
      { pid: 4242, address: "::", port: 8081 },
      { pid: 99, address: "0.0.0.0", port: 5000 },
    ]);
    assert.deepEqual(parseLsofListeners(""), []);
  });

  it("reads lsof's clients of a port, both families, the server's end left out", () => {
    const lsof = `p4242
f27
tIPv4
n127.0.0.1:3000->127.0.0.1:55000
p99
f7
tIPv4
n127.0.0.1:55000->127.0.0.1:3000
f9
tIPv4
n127.0.0.1:55000->127.0.0.1:3000
f8
tIPv6
n[::1]:55001->[::1]:3000
p100
f3
tIPv4
n192.168.1.7:55002->93.184.216.34:3000
`;
    assert.deepEqual(parseLsofClients(lsof, 3000), [
      { pid: 99, address: "127.0.0.1", port: 3000 },
      { pid: 99, address: "::1", port: 3000 },
      { pid: 100, address: "93.184.216.34", port: 3000 },
    ]);
    assert.deepEqual(parseLsofClients("", 3000), []);
  });

  it("reads the working directory from lsof and the machine's id from ioreg", () => {
    assert.equal(parseLsofCwd("p4242\nfcwd\ntDIR\nn/Users/ada/my app\n"), "/Users/ada/my app");
    assert.equal(parseLsofCwd(""), undefined);
    const ioreg = `    "IOPlatformUUID" = "A8F2C6E0-0000-5000-8000-1D2E3F405162"\n    "IOPlatformSerialNumber" = "C02"`;
    assert.equal(parsePlatformUuid(ioreg), "A8F2C6E0-0000-5000-8000-1D2E3F405162");
  });
});

describe("Windows", () => {
  it("reads processes as ConvertTo-Json prints them: many, one, none", () => {
    const one = {
      pid: 4242,
      ppid: 1,
      name: "node.exe",
      command: "node server.js",
      started: "133990000000000000",
      user: "312500",
      kernel: "156250",
      memory: "52428800",
    };
    const hidden = { user: "", kernel: "", memory: "" };
    const many = [one, { ...one, pid: 4, name: "System", command: null, ...hidden }];
    assert.deepEqual(parseWindowsProcesses(`\uFEFF${JSON.stringify(many)}\r\n`), many);
    assert.deepEqual(parseWindowsProcesses(JSON.stringify(one)), [one]);
    assert.deepEqual(parseWindowsProcesses("\r\n"), []);
    assert.throws(() => parseWindowsProcesses(JSON.stringify({ ...one, started: null })));
  });

  it("reads netstat's listeners in any language, no client, no UDP", () => {
    const netstat = `
Aktive Verbindungen

  Proto  Lokale Adresse         Remoteadresse          Status           PID
  TCP    0.0.0.0:3000           0.0.0.0:0              ABHÖREN         4242
  TCP    127.0.0.1:3000         127.0.0.1:50123        HERGESTELLT     4242
  TCP    [::1]:8081             [::]:0                 ABHÖREN         4243
  TCP    [fe80::1%4]:9000       [::]:0                 ABHÖREN         4244
  UDP    0.0.0.0:5353           *:*                                    1200
`.replaceAll("\n", "\r\n");
    assert.deepEqual(parseNetstat(netstat), [
      { pid: 4242, address: "0.0.0.0", port: 3000 },
      { pid: 4243, address: "::1", port: 8081 },
      { pid: 4244, address: "fe80::1", port: 9000 },
    ]);
  });

  it("reads netstat's clients of a port: not its own end, not what only times out", () => {
    const netstat = `
  Proto  Local Address          Foreign Address        State           PID
  TCP    0.0.0.0:3000           0.0.0.0:0              LISTENING       4242
  TCP    127.0.0.1:3000         127.0.0.1:50123        ESTABLISHED     4242
  TCP    127.0.0.1:50123        127.0.0.1:3000         ESTABLISHED     77
  TCP    127.0.0.1:50124        127.0.0.1:3000         TIME_WAIT       0
  TCP    [::1]:50125            [::1]:3000             ESTABLISHED     78
  UDP    0.0.0.0:3000           *:*                                    1200
`.replaceAll("\n", "\r\n");
    assert.deepEqual(parseNetstatClients(netstat, 3000), [
      { pid: 77, address: "127.0.0.1", port: 3000 },
      { pid: 78, address: "::1", port: 3000 },
    ]);
  });

  it("reads the machine's id from reg", () => {
    const reg =
      "\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Cryptography\r\n    MachineGuid    REG_SZ    0b6e1c3a-1111-4222-8333-abcdefabcdef\r\n";
    assert.equal(parseMachineGuid(reg), "0b6e1c3a-1111-4222-8333-abcdefabcdef");
  });
});
