import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { residentBytes } from "../../integration/host/hosts.ts";
import { connectTo } from "../../support/daemon.ts";
import { createHome } from "../../support/home.ts";
import { type Owner, owning } from "../../support/owner.ts";
import { atMost, type Row, shown } from "../numbers.ts";
import { type Keepers, underDevlatch, underPm2 } from "./quiet-servers.ts";
import { cpuMs, proportionalBytes } from "./usage.ts";

/** What follows a start is over by then, the last of it the collection of its garbage; in milliseconds. */
const settleMs = 40_000;
const watchedMs = 60_000;
/** The same for servers: daemon and all hosts, each at a time of its own, have given back what their starts took. */
const quietMs = 160_000;
const megabyte = 1024 * 1024;

/** A daemon without servers, then with some that no client asks for anything, beside a Node that waits for a timer and pm2. */
export async function idle(effort: number): Promise<Row[]> {
  const rows = [...(await idleDaemon(effort))];
  for (const servers of [1, ...(effort >= 0.1 ? [20] : []), ...(effort >= 1 ? [100] : [])])
    rows.push(...(await quiet(servers, effort)));
  return rows;
}

/** A daemon that one client is connected to and asks nothing. */
function idleDaemon(effort: number): Promise<Row[]> {
  return owning(async (owner) => {
    const home = createHome(owner);
    const connection = await connectTo(home);
    owner.after(() => connection.dispose());
    const daemon = home.daemonPid();
    if (daemon === undefined) throw new Error("No daemon runs");
    const node = await startNode(owner);
    await delay(settleMs * Math.min(1, effort * 10));
    const [before, begun] = [cpuMs(daemon), performance.now()];
    await delay(watchedMs * effort);
    const share = (cpuMs(daemon) - before) / (performance.now() - begun);
    const [ours, bare] = [residentBytes(daemon), residentBytes(node)];
    const inWords = (bytes: number) => `${(bytes / megabyte).toFixed(0)} MB`;
    return [
      atMost(
        `idle daemon: resident memory, ${inWords(ours)}`,
        `bare Node: ${inWords(bare)}`,
        ours / bare,
        1.6,
      ),
      atMost("idle daemon: processor", "one processor", share * 100, 0.1, "%"),
      shown("idle daemon: processor", "a minute", share * watchedMs, "ms"),
    ];
  });
}

/** What keeping so many servers costs that do nothing; the servers themselves aren't counted. */
function quiet(servers: number, effort: number): Promise<Row[]> {
  const times = { settleMs: quietMs * Math.min(1, effort * 5), watchedMs: watchedMs * effort };
  return owning(async (owner) => {
    const node = await startNode(owner);
    const rows: Row[] = [];
    await underDevlatch(servers, times, (keepers) => rows.push(...rowsOf(keepers, node)));
    await underPm2(servers, times, ({ daemon, cpuShare }) =>
      rows.push(
        shown(
          `${servers} under pm2: memory a server`,
          "its daemon's PSS",
          proportionalBytes(daemon) / megabyte / servers,
          "MB",
        ),
        shown(`${servers} under pm2: processor`, "one processor", cpuShare * 100, "%"),
      ),
    );
    return rows;
  });
}

function rowsOf({ servers, daemon, beside, cpuShare }: Keepers, node: number): Row[] {
  const name = servers === 1 ? "one quiet server" : `${servers} quiet servers`;
  const bare = proportionalBytes(node) / megabyte;
  const each = beside.reduce((sum, pid) => sum + proportionalBytes(pid), 0) / megabyte / servers;
  const against = `bare Node: ${bare.toFixed(1)} MB PSS`;
  const [memory, ratio] = [`${name}: daemon, resident memory`, residentBytes(daemon) / residentBytes(node)];
  return [
    atMost(`${name}: host and leader of each`, against, each, 10, "MB"),
    servers === 1 ? atMost(memory, "bare Node", ratio, 2.2) : shown(memory, "bare Node", ratio, "×"),
    shown(`${name}: daemon, PSS`, against, proportionalBytes(daemon) / megabyte, "MB"),
    atMost(`${name}: processor, daemon and hosts`, "one processor", cpuShare * 100, 1, "%"),
  ];
}

async function startNode(owner: Owner): Promise<number> {
  const child: ChildProcess = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e9)"], {
    stdio: "ignore",
  });
  owner.after(async () => {
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  await once(child, "spawn");
  return child.pid ?? Number.NaN;
}
