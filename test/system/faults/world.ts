import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import type { SessionView } from "../../../shared/model/session.ts";
import type { StatusResult } from "../../../shared/protocol/methods.ts";
import { type CliResult, runCli } from "../../support/cli.ts";
import { createHome, type TestHome } from "../../support/home.ts";
import { findProgram } from "../../support/install/debian.ts";
import type { Owner } from "../../support/owner.ts";
import { repository } from "../../support/paths.ts";
import { freePort } from "../../support/ports.ts";
import { type SeenProcess, seeProcess } from "../../support/processes.ts";
import { prepareProject } from "../../support/projects.ts";
import { auditedCalls, readKernelLogs } from "../../support/strace.ts";
import { patienceMs, waitFor } from "../../support/wait.ts";
import { liveLaunches } from "../launches.ts";
import { type Innocent, startInnocent } from "./innocents.ts";

/** A plain server: answers, says what it is, ends by itself when told. */
export const plainServer = `
import { createServer } from "node:http";
console.log("up");
createServer((request, response) => response.end("ours")).listen(Number(process.env.PORT), "127.0.0.1");
`;

export interface WorldOptions {
  /** Text of the project's server.js. */
  readonly server?: string;
  /** More of `devlatch.json`'s app. */
  readonly app?: Readonly<Record<string, unknown>>;
  /** Variables of the daemon. */
  readonly env?: NodeJS.ProcessEnv;
}

/** System calls that change what is on disk: the steps at which a daemon can be killed. */
export const stepCalls = ["pwrite64", "rename", "unlink"] as const;
export type StepCall = (typeof stepCalls)[number];

const strace = findProgram("strace") ?? "strace";

/**
 * A project with a server, a daemon whose every system call that signals or forks is on record, and innocent processes
 * around. When the test ends, no innocent may have been touched, and all that was signalled must have been ours.
 */
export class World {
  readonly home: TestHome;
  readonly cwd: string;
  readonly port: number;
  readonly #env: NodeJS.ProcessEnv;
  readonly #innocents: Innocent[] = [];
  readonly #context: Owner;
  #daemons = 0;
  /** Processes that weren't traced from their birth, and may be signalled all the same. */
  readonly mayBeSignalled = new Set<number>();

  private constructor(owner: Owner, home: TestHome, cwd: string, port: number, env: NodeJS.ProcessEnv) {
    this.#context = owner;
    this.home = home;
    this.cwd = cwd;
    this.port = port;
    this.#env = env;
  }

  static async create(owner: Owner, options: WorldOptions = {}): Promise<World> {
    const home = createHome(owner);
    const cwd = await prepareProject("plain", owner);
    const port = await freePort();
    const world = new World(owner, home, cwd, port, options.env ?? {});
    await writeFile(join(cwd, "server.js"), options.server ?? plainServer);
    const app = { command: ["node", "server.js"], port, ...options.app };
    await writeFile(join(cwd, "devlatch.json"), JSON.stringify({ apps: { web: app } }));
    await world.innocent();
    await world.innocent({ DEVLATCH_LAUNCH: "of another daemon" });
    return world;
  }

  /** One more process that must be left alone. */
  async innocent(env: NodeJS.ProcessEnv = {}, justBefore: () => void = () => {}): Promise<Innocent> {
    const innocent = await startInnocent(this.cwd, this.#context, env, justBefore);
    this.#innocents.push(innocent);
    return innocent;
  }

  /**
   * Starts the daemon if none runs, under strace.
   * @param inject what goes wrong in it and in its hosts, as strace's `inject=` has it
   * @returns its pid
   */
  async daemon(inject?: string): Promise<number> {
    const running = this.home.daemonPid();
    if (running !== undefined) return running;
    const log = join(this.#logDirectory, `strace-${++this.#daemons}`);
    // Filtering in the kernel is fast, but then strace 6.1 injects nothing.
    const fault = inject === undefined ? ["--seccomp-bpf"] : ["-e", `inject=${inject}`];
    const calls = `trace=${auditedCalls},${stepCalls.join(",")}`;
    const trace = ["-f", "-qq", "-e", "signal=none", "-e", calls, ...fault, "-o", log];
    const program = [process.execPath, join(repository, "dist/daemon.js")];
    const how = { detached: true, stdio: "ignore", env: this.home.env(this.#env), cwd: "/" } as const;
    const child = spawn(strace, [...trace, ...program], how);
    child.unref();
    const pid = () => {
      const found = this.home.daemonPid();
      // Killed before it said where it is: no one comes any more. One that ends by itself leaves it to another one.
      const isKilled = child.signalCode !== null || (child.exitCode ?? 0) !== 0;
      assert.ok(found !== undefined || !isKilled, "the daemon ended before it listened");
      return found;
    };
    return waitFor("the daemon", pid);
  }

  /** Runs `devlatch ARGS… --json` in the project, against a traced daemon. */
  async cli(args: readonly string[], timeoutMs = patienceMs): Promise<CliResult> {
    await this.daemon();
    return runCli([...args, "--cwd", this.cwd, "--json"], { home: this.home, timeoutMs });
  }

  /** The same, and it must succeed. */
  async ok<T>(args: readonly string[]): Promise<T> {
    const result = await this.cli(args);
    assert.equal(result.code, 0, result.stdout + result.stderr);
    return result.json as T;
  }

  /** The same, and it must fail. @returns the error */
  async refused(args: readonly string[]): Promise<{ code: string; message: string; exit: number | null }> {
    const result = await this.cli(args);
    assert.notEqual(result.code, 0, result.stdout);
    const { error } = result.json as { error: { code: string; message: string } };
    return { ...error, exit: result.code };
  }

  async session(): Promise<SessionView | undefined> {
    return (await this.ok<StatusResult>(["status"])).sessions[0];
  }

  /** What the server on the port says, or undefined where none answers. */
  async answer(port = this.port): Promise<string | undefined> {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(30_000) });
      return await response.text();
    } catch {
      return undefined;
    }
  }

  async kill(pid: number | undefined, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const target = pid === undefined ? undefined : seeProcess(pid);
    assert.ok(target, "there is something to kill");
    process.kill(target.pid, signal);
    if (signal !== "SIGKILL") return;
    await waitFor("it to be gone", () => seeProcess(target.pid)?.startTime !== target.startTime);
  }

  /**
   * Kills the daemon unless the fault has done so: one that made fewer calls than expected would meet it while it is
   * looked at.
   * @returns whether it lived
   */
  async endDaemon(): Promise<boolean> {
    const pid = this.home.daemonPid();
    const target = pid === undefined ? undefined : seeProcess(pid);
    if (!target) return false;
    try {
      process.kill(target.pid, "SIGKILL");
    } catch {
      return false;
    }
    await waitFor("it to be gone", () => seeProcess(target.pid)?.startTime !== target.startTime);
    return true;
  }

  /** The session's host, from its own description. */
  host(): SeenProcess | undefined {
    return [...this.#programs()].map(([pid]) => seeProcess(pid)).find((seen) => seen !== undefined);
  }

  launches(): number {
    return liveLaunches(this.home).size;
  }

  /** Everything that must hold when all is over. */
  verify(): void {
    assert.deepEqual(this.#innocents.map(({ harm }) => harm()).filter(Boolean), [], "innocent processes");
    assert.deepEqual(this.#foreignSignals(), [], "signals to processes that aren't ours");
  }

  /** Beside the project, for the home's disk may be full. */
  get #logDirectory(): string {
    return dirname(this.cwd);
  }

  #logs(): string[] {
    const directory = this.#logDirectory;
    const names = readdirSync(directory).filter((name) => name.startsWith("strace-"));
    return names.map((name) => join(directory, name));
  }

  /** Signals the daemon and the hosts sent so far, as the kernel saw it. */
  signals(): number {
    const { programs, signals } = readKernelLogs(this.#logs());
    return signals.filter(({ from }) => /(daemon|host)\.js"/.test(programs.get(from) ?? "")).length;
  }

  /** Writes to databases by the daemon so far. */
  writes(): number {
    return this.steps("pwrite64", this.home.daemonPid());
  }

  /** Calls of this kind that a daemon's main thread made so far. */
  steps(call: StepCall, daemon: number | undefined): number {
    const lines = this.#logs().flatMap((file) => readFileSync(file, "utf8").split("\n"));
    return lines.filter((line) => line.startsWith(`${daemon} `) && new RegExp(`^\\d+ +${call}\\(`).test(line))
      .length;
  }

  /** Pids of session hosts. */
  #programs(): ReadonlyMap<number, string> {
    const { programs } = readKernelLogs(this.#logs());
    return new Map([...programs].filter(([, program]) => /"[^"]*host\.js"/.test(program)));
  }

  /**
   * Signals of a daemon to any but its own children, hosts, and what descends from hosts; of a host to any but
   * what descends from it, without another host or a daemon between.
   */
  #foreignSignals(): string[] {
    const { parents, programs, signals } = readKernelLogs(this.#logs());
    const hosts = new Set(this.#programs().keys());
    const isDaemon = (pid: number) => /"[^"]*daemon\.js"/.test(programs.get(pid) ?? "");
    const isOurs = (pid: number | undefined): boolean =>
      pid !== undefined && (hosts.has(pid) || isOurs(parents.get(pid)));
    const rulerOf = (pid: number | undefined): number | undefined =>
      pid === undefined || hosts.has(pid) || isDaemon(pid) ? pid : rulerOf(parents.get(pid));
    const mayReach = (from: number, target: number) =>
      hosts.has(from) ? rulerOf(target) === from : parents.get(target) === from || isOurs(target);
    return signals
      .filter(({ from }) => isDaemon(from) || hosts.has(from))
      .filter(({ from, to }) => {
        const target = Math.abs(to);
        return !(target === from || mayReach(from, target) || this.mayBeSignalled.has(to));
      })
      .map(
        ({ from, to, signal }) =>
          `${from} sent ${signal} to ${to} (${programs.get(Math.abs(to)) ?? "unknown"})`,
      );
  }
}

/** A test in a world, which is verified afterwards. */
export function inWorld(
  options: WorldOptions,
  work: (world: World, t: TestContext) => Promise<void>,
): (t: TestContext) => Promise<void> {
  return async (t) => {
    const world = await World.create(t, options);
    await work(world, t);
    world.verify();
  };
}
