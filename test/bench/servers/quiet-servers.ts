import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readDescription } from "../../../daemon/host/description-file.ts";
import { runProgram } from "../../support/child.ts";
import { connectTo, homeOf } from "../../support/daemon.ts";
import { createHome } from "../../support/home.ts";
import { type Owner, owning } from "../../support/owner.ts";
import { repository } from "../../support/paths.ts";
import { freePort } from "../../support/ports.ts";
import { installDependencies } from "../../support/projects.ts";
import { callerEnv } from "./place.ts";
import { cpuMs } from "./usage.ts";

/** What keeps servers that do nothing: its own processes, not the servers. */
export interface Keepers {
  readonly servers: number;
  /** Of all servers together, pids. */
  readonly daemon: number;
  /** Of the servers, pids: session hosts and leaders; none under pm2. */
  readonly beside: readonly number[];
  /** Which share of a processor daemon and those together took, 0 to 1. */
  readonly cpuShare: number;
}

const server = `require("node:http").createServer((_, answer) => answer.end("ok")).listen(process.env.PORT, "127.0.0.1",
  () => console.log("http://localhost:" + process.env.PORT));`;

/**
 * Starts so many servers that no client asks for anything, waits until what follows a start is over, and watches.
 * @param look told of the processes while they run
 */
export function underDevlatch(
  servers: number,
  times: { readonly settleMs: number; readonly watchedMs: number },
  look: (keepers: Keepers) => void,
): Promise<void> {
  return owning(async (owner) => {
    const home = createHome(owner);
    const cwd = directoryOf(owner);
    const names = Array.from({ length: servers }, (_, index) => `s${index + 1}`);
    const apps: Record<string, object> = {};
    for (const name of names) apps[name] = { command: "node server.js", port: await freePort() };
    writeFileSync(join(cwd, "devlatch.json"), JSON.stringify({ apps }));
    const connection = await connectTo(home);
    owner.after(() => connection.dispose());
    const beside: number[] = [];
    for (const app of names) {
      const env = callerEnv(home);
      owner.after(async () => void (await connection.request("session/stop", { cwd, app })));
      const started = await connection.request("session/start", { cwd, app, env });
      const directory = join(homeOf(home).sessionsDirectory, started.sandboxId, started.session);
      const description = readDescription(directory);
      if (description === undefined) throw new Error(`${app} has no host`);
      beside.push(description.host.pid, description.leader.pid);
    }
    const daemon = home.daemonPid();
    if (daemon === undefined) throw new Error("No daemon runs");
    await delay(times.settleMs);
    const cpuShare = await watch([daemon, ...beside], times.watchedMs);
    look({ servers, daemon, beside, cpuShare });
  });
}

/** The same servers under pm2, with a home and a daemon of its own, by its command line. */
export function underPm2(
  servers: number,
  times: { readonly settleMs: number; readonly watchedMs: number },
  look: (keepers: Keepers) => void,
): Promise<void> {
  return owning(async (owner) => {
    const peers = await installDependencies("stops-peers", join(repository, "test/bench/stops/peers"));
    if (peers === undefined) throw new Error("The peers' package.json names no dependencies.");
    const directory = directoryOf(owner);
    const home = join(directory, "home");
    const env = { ...process.env, PM2_HOME: home, PM2_DISCRETE_MODE: "true" };
    const pm2 = (...words: string[]) =>
      runProgram(process.execPath, [join(peers, "node_modules/pm2/bin/pm2"), ...words], { env });
    owner.after(async () => void (await pm2("kill")));
    const apps: object[] = [];
    for (let index = 1; index <= servers; index++) {
      const PORT = await freePort();
      apps.push({ name: `s${index}`, script: "server.js", cwd: directory, env: { PORT } });
    }
    writeFileSync(join(directory, "apps.json"), JSON.stringify({ apps }));
    const { code, stderr } = await pm2("start", join(directory, "apps.json"));
    if (code !== 0) throw new Error(`pm2 started nothing: ${stderr}`);
    const daemon = Number(readFileSync(join(home, "pm2.pid"), "utf8"));
    await delay(times.settleMs);
    look({ servers, daemon, beside: [], cpuShare: await watch([daemon], times.watchedMs) });
  });
}

function directoryOf(owner: Owner): string {
  const directory = mkdtempSync(join(tmpdir(), "devlatch-quiet-"));
  owner.after(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, "server.js"), server);
  return directory;
}

async function watch(pids: readonly number[], ms: number): Promise<number> {
  const used = () => pids.reduce((sum, pid) => sum + cpuMs(pid), 0);
  const [before, begun] = [used(), performance.now()];
  await delay(ms);
  return (used() - before) / (performance.now() - begun);
}
