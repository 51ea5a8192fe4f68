import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import type { Owner } from "../../support/owner.ts";
import { seeProcess } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";
import { graceMs, type Parent } from "./parents.ts";

type Done<T = unknown> = (error: Error | null, value: T) => void;

/** What is used of pm2's programmatic interface. */
interface Api {
  connect(done: Done): void;
  start(app: object, done: Done): void;
  describe(name: string, done: Done<{ pid?: number }[]>): void;
  delete(name: string, done: Done): void;
  killDaemon(done: Done): void;
  disconnect(): void;
}

/**
 * pm2 with a daemon and a home of its own, and its own defaults but for what all contenders have in common: SIGTERM,
 * two seconds, SIGKILL.
 * @param peers folder with the peers' node_modules
 * @param owner ends the daemon and removes the home
 */
export async function openPm2(peers: string, owner: Owner): Promise<Parent> {
  const home = mkdtempSync(join(tmpdir(), "devlatch-pm2-"));
  // Read when pm2 is loaded, and inherited by its daemon.
  Object.assign(process.env, { PM2_HOME: home, PM2_KILL_SIGNAL: "SIGTERM", PM2_DISCRETE_MODE: "true" });
  const api = createRequire(join(peers, "package.json"))("pm2") as Api;
  owner.after(() => end(api, home));
  await promisify<unknown>(api.connect.bind(api))();
  const start = promisify<object, unknown>(api.start.bind(api));
  const describe = promisify<string, { pid?: number }[]>(api.describe.bind(api));
  const remove = promisify<string, unknown>(api.delete.bind(api));
  return async ([script = "", ...args], directory) => {
    const name = basename(directory);
    await start({ name, script, args, interpreter: "none", cwd: directory, kill_timeout: graceMs });
    const [app] = await describe(name);
    if (!app?.pid) throw new Error("pm2 started nothing");
    return { pid: app.pid, stop: async () => void (await remove(name)) };
  };
}

async function end(api: Api, home: string): Promise<void> {
  const pid = daemonPid(home);
  // Not waited for: where the daemon ends before its answer is out, pm2 never calls back.
  if (pid !== undefined) api.killDaemon(() => {});
  await waitFor("pm2's daemon to end", () => pid === undefined || seeProcess(pid) === undefined);
  api.disconnect();
  rmSync(home, { recursive: true, force: true });
}

function daemonPid(home: string): number | undefined {
  const file = join(home, "pm2.pid");
  return existsSync(file) ? Number(readFileSync(file, "utf8")) : undefined;
}
