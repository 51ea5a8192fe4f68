import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { residentBytes } from "../../integration/host/hosts.ts";
import { connectTo } from "../../support/daemon.ts";
import { createHome } from "../../support/home.ts";
import { type Owner, owning } from "../../support/owner.ts";
import { atMost, type Row, shown } from "../numbers.ts";

/** What follows a start is over by then, the last of it the collection of its garbage; in milliseconds. */
const settleMs = 20_000;
const watchedMs = 60_000;
const megabyte = 1024 * 1024;

/** A daemon that one client is connected to and asks nothing, beside a Node that waits for a timer. */
export function idle(effort: number): Promise<Row[]> {
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

/**
 * Processor time of all threads, in milliseconds: finer than the ticks of `stat` (proc_pid_schedstat, kernel's
 * sched-stats.rst).
 */
function cpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const times = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8"));
  return times.reduce((sum, text) => sum + Number(text.split(" ")[0]) / 1e6, 0);
}
