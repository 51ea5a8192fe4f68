import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { HostReport } from "../../../daemon/host/contract.ts";
import { randomToken } from "../../../shared/base/token.ts";
import { repository } from "../../support/paths.ts";
import { allProcesses, endProcesses, type SeenProcess } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";

/** A running tree, every process of which has a marker in its command line. */
export interface NastyTree {
  /** Of the leader. */
  readonly pid: number;
  /** Of the session, under a host. */
  readonly directory: string;
  left(): SeenProcess[];
  /** As execa ends what it spawned: SIGTERM, and SIGKILL two seconds later. */
  kill(): void;
  /** Ends what is left of it. */
  end(): Promise<void>;
}

/** Roles that must be there before the stop. */
const roles = 14;
const fixture = join(repository, "test/fixtures/processes/nastiest.sh");
const hostProgram = join(repository, "daemon/host/main.ts");

/** @param parent a session host, as the daemon starts it, or this process */
export async function startUnder(parent: "host" | "plain"): Promise<NastyTree> {
  const marker = `marker-${randomToken()}`;
  const directory = mkdtempSync(join(tmpdir(), "devlatch-stops-"));
  const left = () => allProcesses().filter(({ command }) => command.includes(marker));
  const { pid, kill } = parent === "host" ? await hosted(directory, marker) : plain(marker);
  await waitFor("the whole tree", () => left().length >= roles, { timeoutMs: 20_000 });
  return {
    ...{ pid, directory, left, kill },
    end: async () => {
      await endProcesses(left, 0);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function plain(marker: string): Pick<NastyTree, "pid" | "kill"> {
  const options = { detached: true, stdio: "ignore", reject: false, forceKillAfterDelay: 2_000 } as const;
  const child = execa(fixture, [marker], options);
  if (child.pid === undefined) throw new Error("The fixture could not be spawned");
  return { pid: child.pid, kill: () => void child.kill("SIGTERM") };
}

async function hosted(directory: string, marker: string): Promise<Pick<NastyTree, "pid" | "kill">> {
  const spec = {
    ...{ session: "dev_server_web", launchId: randomToken(), fence: 1, command: [fixture, marker] },
    ...{ cwd: directory, env: { PATH: process.env["PATH"] ?? "" }, columns: 80, rows: 24, directory },
  };
  const host = spawn(process.execPath, [hostProgram], { detached: true, stdio: ["pipe", "pipe", "ignore"] });
  host.unref();
  host.stdin.end(JSON.stringify(spec));
  let output = "";
  for await (const piece of host.stdout) output += piece;
  const report = HostReport.parse(JSON.parse(output));
  if (report.kind !== "running") throw new Error(output);
  return { pid: report.leader.pid, kill: () => {} };
}
