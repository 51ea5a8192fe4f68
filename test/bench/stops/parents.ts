import { spawn } from "node:child_process";
import { join } from "node:path";
import { execa } from "execa";
import { HostReport } from "../../../daemon/host/protocol.ts";
import { connectHost } from "../../../daemon/hosts/client.ts";
import { randomToken } from "../../../shared/base/token.ts";
import { repository } from "../../support/paths.ts";

/** Who starts a tree, and can stop it in its own way. */
export interface Leader {
  readonly pid: number;
  /** As its parent stops what it started. Settles when the parent says that it is done. */
  stop(): Promise<void>;
}

/**
 * Starts the command.
 * @param directory a temporary one of this tree
 */
export type Parent = (command: readonly string[], directory: string) => Promise<Leader>;

/** How long a polite signal is given by all but Devlatch, in milliseconds. */
export const graceMs = 2_000;
/** By Devlatch: what ignores the signal ignores it longer, too. */
const ownGraceMs = 50;
const hostProgram = join(repository, "daemon/host/main.ts");

/** As execa ends what it spawned: SIGTERM, and SIGKILL two seconds later. */
export const execaParent: Parent = async ([file = "", ...args]) => {
  const options = { detached: true, stdio: "ignore", reject: false, forceKillAfterDelay: graceMs } as const;
  const child = execa(file, args, options);
  if (child.pid === undefined) throw new Error(`${file} could not be spawned`);
  const stop = async () => {
    child.kill("SIGTERM");
    await child;
  };
  return { pid: child.pid, stop };
};

/** A session host, as the daemon starts it. */
export const hostParent: Parent = async (command, directory) => {
  const spec = {
    ...{ session: "dev_server_web", launchId: randomToken(), fence: 1, command },
    ...{ cwd: directory, env: { PATH: process.env["PATH"] ?? "" }, columns: 80, rows: 24, directory },
  };
  const host = spawn(process.execPath, [hostProgram], { detached: true, stdio: ["pipe", "pipe", "ignore"] });
  host.unref();
  host.stdin.end(JSON.stringify(spec));
  let output = "";
  for await (const piece of host.stdout) output += piece;
  const report = HostReport.parse(JSON.parse(output));
  if (report.kind !== "running") throw new Error(output);
  const stop = async () => {
    const connection = await connectHost(directory);
    await connection
      .request("stop", { signal: "SIGTERM", timeoutMs: ownGraceMs })
      .finally(() => connection.dispose());
  };
  return { pid: report.leader.pid, stop };
};
