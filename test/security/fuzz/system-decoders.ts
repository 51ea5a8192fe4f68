import {
  powerShellAssignment,
  readShellCommands,
  splitCommandLine,
} from "../../../daemon/detect/shell-list.ts";
import { parseDockerPs, parsePodmanPs } from "../../../daemon/processes/container-engine.ts";
import { recogniseContainer, servedByProxy } from "../../../daemon/processes/containers.ts";
import { parseMachineGuid, parsePlatformUuid } from "../../../daemon/processes/machine.ts";
import {
  parseLsofClients,
  parseLsofCwd,
  parseLsofListeners,
} from "../../../daemon/processes/macos/lsof-output.ts";
import {
  parseLineage,
  parsePs,
  parsePsMarks,
  parsePsVariable,
} from "../../../daemon/processes/macos/ps-output.ts";
import {
  readKernelProcesses,
  readSocketDescriptors,
  readStartArguments,
} from "../../../daemon/processes/macos/structures.ts";
import { markOfCommand } from "../../../daemon/processes/marks.ts";
import { entryValue, parseStat } from "../../../daemon/processes/proc-files.ts";
import { parseClientSockets, parseListeningSockets } from "../../../daemon/processes/proc-net.ts";
import { parseSockDiag } from "../../../daemon/processes/sock-diag.ts";
import { readJobPids } from "../../../daemon/processes/windows/own-job.ts";
import { parseEnvironment } from "../../../daemon/processes/windows/process-block.ts";
import { readProcessTable } from "../../../daemon/processes/windows/process-table.ts";
import { readTcp6Table, readTcpTable } from "../../../daemon/processes/windows/tcp-table.ts";
import {
  parseNetstat,
  parseNetstatClients,
  parseWindowsProcesses,
} from "../../../daemon/processes/windows/tools-output.ts";
import { cmdLine } from "../../../shared/base/cmd-line.ts";
import type { Decoder } from "./decoders.ts";

const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12345 1 0 100 0 0 10 0
   1: 00000000000000000000000001000000:0BB8 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 12346 1`;
const netstat = `Active Connections

  Proto  Local Address          Foreign Address        State           PID
  TCP    0.0.0.0:3000           0.0.0.0:0              LISTENING       4242
  TCP    [::1]:3000             [::1]:50000            ESTABLISHED     4242`;
const ps =
  "  1 0 1 0 Ss 1234 00:00:01 Mon Mar  2 10:00:00 2026 init\n 42 1 42 1000 R+ 9 1-02:03:04 Tue Mar  3 01:02:03 2026 node";
const containers = [
  "/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 3000 -container-ip 172.17.0.2 -container-port 80",
  "/usr/bin/pasta --config-net -t 127.0.0.1/8080-8082:80-82 -u none",
  "/usr/bin/conmon --api-version 1 -c 0123456789abcdef -n shop_web_1",
];
const docker = '{"ID":"abc","Names":"shop","Ports":"0.0.0.0:3000->80/tcp"}\n{"ID":"d","Names":"e"}';
const text = (decode: (input: string) => unknown) => (input: Buffer) => decode(input.toString());

export const systemDecoders: readonly Decoder[] = [
  {
    name: "/proc/net/tcp",
    seeds: [tcp],
    decode: text((one) => [parseListeningSockets(one), parseClientSockets(one, 3000)]),
  },
  {
    name: "/proc/PID/stat",
    seeds: ["42 (node (x) y) S 1 42 42 0 -1 4194304 1 0 0 0 1 2 0 0 20 0 11 0 12345 1000 200 184467"],
    decode: text(parseStat),
  },
  {
    name: "/proc/PID/environ",
    seeds: ["A=b\0DEVLATCH_COOKIE=x\0\0"],
    decode: (input) => entryValue(input, "A"),
  },
  {
    name: "sock_diag",
    seeds: [`P\0\0\0\x14\0\x02\0${"\0".repeat(8)}\x02\n\0\0\x0b\xb8${"\x01".repeat(80)}`],
    decode: parseSockDiag,
  },
  {
    name: "netstat",
    seeds: [netstat],
    decode: text((one) => [parseNetstat(one), parseNetstatClients(one, 3000)]),
  },
  {
    name: "Windows' processes",
    seeds: ['[{"ProcessId":1,"ParentProcessId":0,"Name":"x","CommandLine":"y","CreationDate":"z"}]'],
    decode: text(parseWindowsProcesses),
  },
  {
    name: "Windows' tables",
    seeds: ["\x01\0\0\0".repeat(80), `${"\0".repeat(80)}P${"\0".repeat(200)}`],
    decode: (input) => [
      readProcessTable(input, 0n),
      readTcpTable(input),
      readTcp6Table(input),
      input.length < 8 ? [] : readJobPids(input),
    ],
  },
  {
    name: "Windows' environments",
    seeds: ["A\0=\0b\0\0\0D\0=\0\0\0\0\0"],
    decode: parseEnvironment,
  },
  {
    name: "lines as Windows quotes",
    seeds: ['set "A=1" && node .\\x\\y.js ^& "C:\\a b\\" %PATH%', "$env:PORT = '1'; npm run dev"],
    decode: text((one) => [
      splitCommandLine(one, "windows"),
      readShellCommands(one, "windows").map(({ words }) => [powerShellAssignment(words), cmdLine(words)]),
    ]),
  },
  {
    name: "macOS' tables",
    seeds: ["\x02\0\0\0/bin/node\0\0\0node\0x.js\0A=b\0\0", "\x01\0\0\0\x02\0\0\0".repeat(90)],
    decode: (input) => [readStartArguments(input), readKernelProcesses(input), readSocketDescriptors(input)],
  },
  {
    name: "lsof",
    seeds: ["p42\nf3\ntIPv4\nn127.0.0.1:3000\nf4\nn[::1]:3000->[::1]:50000\nfcwd\nn/work"],
    decode: text((one) => [parseLsofListeners(one), parseLsofClients(one, 3000), parseLsofCwd(one)]),
  },
  {
    name: "ps",
    seeds: [ps, "42 node x.js A=b DEVLATCH_COOKIE=0123"],
    decode: text((one) => [
      parsePs(one),
      parsePsVariable(one, "A"),
      parsePsMarks(one),
      parseLineage(one, 42),
    ]),
  },
  {
    name: "marks in command lines",
    seeds: ["node x DEVLATCH_COOKIE=0123456789abcdef"],
    decode: text(markOfCommand),
  },
  {
    name: "ids of machines",
    seeds: ['"IOPlatformUUID" = "A-B"', "MachineGuid REG_SZ a-b"],
    decode: text((one) => [parsePlatformUuid(one), parseMachineGuid(one)]),
  },
  {
    name: "containers' proxies",
    seeds: containers,
    decode: text((one) => [recogniseContainer(one, 8081), servedByProxy(one)]),
  },
  {
    name: "container engines",
    seeds: [docker, '[{"Id":"a","Names":["b"],"Ports":[{"host_port":3000,"container_port":80}]}]'],
    decode: text((one) => [parseDockerPs(one), parsePodmanPs(one, 3000)]),
  },
];
