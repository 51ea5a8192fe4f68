import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { isPortFree } from "../../support/ports.ts";
import { allProcesses, endProcesses, type SeenProcess } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";

/** A command to run as Devlatch runs it, without Devlatch. */
export interface BareCommand {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly port: number;
  /** Where the server answers. */
  readonly path: string;
}

/** What became of a group that got SIGTERM, in milliseconds from the signal. */
export interface GroupKill {
  readonly portFreeMs: number;
  /** Undefined where a process of it stayed for ten seconds. */
  readonly goneMs: number | undefined;
}

/** What a first page may take to compile on a busy machine, in milliseconds. */
const readyMs = 120_000;

/** The leader of a process group of its own, whose server answers. */
export class BareServer {
  readonly #child: ChildProcess;
  readonly #pgid: number;
  readonly #port: number;
  /** From the spawn to the first answer over HTTP, in milliseconds. */
  readonly readyAfterMs: number;

  private constructor(child: ChildProcess, pgid: number, port: number, readyAfterMs: number) {
    this.#child = child;
    this.#pgid = pgid;
    this.#port = port;
    this.readyAfterMs = readyAfterMs;
  }

  /** Spawns the command and waits until it answers. */
  static async start({ command, cwd, env, port, path }: BareCommand): Promise<BareServer> {
    const begun = performance.now();
    const [file = "", ...args] = command;
    const child = spawn(file, args, { cwd, env, detached: true, stdio: "ignore" });
    await once(child, "spawn");
    const url = `http://localhost:${port}${path}`;
    await waitFor(`${command.join(" ")} to answer`, () => answers(url), {
      timeoutMs: readyMs,
      intervalMs: 5,
    });
    return new BareServer(child, child.pid ?? Number.NaN, port, performance.now() - begun);
  }

  /** SIGTERM to the group. */
  async killGroup(): Promise<GroupKill> {
    const begun = performance.now();
    process.kill(-this.#pgid, "SIGTERM");
    await waitFor("the port to be free", () => isPortFree(this.#port), { intervalMs: 1 });
    const portFreeMs = performance.now() - begun;
    // Some go on cleaning up behind themselves.
    const gone = () => this.#group().length === 0;
    const isGone = await waitFor("the group to be gone", gone, { intervalMs: 2 }).catch(() => false);
    return { portFreeMs, goneMs: isGone ? performance.now() - begun : undefined };
  }

  /** Ends what is left of the group. */
  async end(): Promise<void> {
    await endProcesses(() => this.#group());
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
  }

  #group(): SeenProcess[] {
    return allProcesses().filter(({ pgid }) => pgid === this.#pgid);
  }
}

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get(url, { agent: false }, (response) => {
      response.destroy();
      resolve(true);
    });
    asked.once("error", () => resolve(false));
  });
}
