import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createProcesses } from "../../../daemon/processes/create-processes.ts";
import { startProgram } from "../../support/child.ts";
import { needPackages, runtimePackages } from "../../support/install/debian.ts";
import { type Owner, owning } from "../../support/owner.ts";
import { repository } from "../../support/paths.ts";
import { allProcesses, endProcesses } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";
import { atMost, quantile, type Row } from "../numbers.ts";
import { scaled } from "./rounds.ts";

const others = 500;
const server = join(repository, "test/fixtures/processes/server.mjs");

/** Who listens on a port, asked of Devlatch and of lsof by turns. */
export function lookup(effort: number): Promise<Row[]> {
  return owning(async (owner) => {
    await needPackages(runtimePackages.lsof);
    // The older half of the processes is looked at after the server, the younger before it, whichever way one goes.
    await startSleepers(others / 2, owner);
    const { pid, port } = await startServer(owner);
    await startSleepers(others / 2, owner);
    const processes = createProcesses();
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let round = 0; round < scaled(200, effort); round++) {
      const begun = performance.now();
      const found = await processes.listeners(port);
      ours.push(performance.now() - begun);
      if (found[0]?.pid !== pid) throw new Error(`Devlatch found ${found[0]?.pid} instead of ${pid}`);
      theirs.push(askLsof(port, pid));
    }
    const [p95, lsofP95] = [quantile(ours, 0.95), quantile(theirs, 0.95)];
    const what = `port owner lookup, ${others} processes`;
    return [
      atMost(`${what}, p95`, `lsof: ${lsofP95.toPrecision(3)} ms`, p95, 5, "ms"),
      atMost(`${what}, p95`, "lsof", p95 / lsofP95, 0.25),
    ];
  });
}

/** @returns milliseconds */
function askLsof(port: number, pid: number): number {
  const begun = performance.now();
  const { stdout } = spawnSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-t"], { encoding: "utf8" });
  const elapsed = performance.now() - begun;
  if (stdout.trim() !== String(pid)) throw new Error(`lsof found ${stdout}, not ${pid}`);
  return elapsed;
}

async function startServer(owner: Owner): Promise<{ pid: number; port: number }> {
  const running = await startProgram(process.execPath, [server, "bench"]);
  owner.after(async () => {
    running.process.kill("SIGKILL");
    await running.finished();
  });
  const [port] = await running.printed(/^\d+/m);
  return { pid: running.pid, port: Number(port) };
}

async function startSleepers(count: number, owner: Owner): Promise<void> {
  const script = `i=0; while [ $i -lt ${count} ]; do sleep 600 & i=$((i+1)); done; wait`;
  const shell = spawn("sh", ["-c", script], { detached: true, stdio: "ignore" });
  await once(shell, "spawn");
  const group = () => allProcesses().filter(({ pgid }) => pgid === shell.pid);
  owner.after(() => endProcesses(group));
  await waitFor(`${count} sleepers`, () => group().length > count);
}
