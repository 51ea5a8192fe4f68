import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { Hosts } from "../../../daemon/hosts/hosts.ts";
import { LockService } from "../../../daemon/locks/lock-service.ts";
import { createProcesses } from "../../../daemon/processes/create-processes.ts";
import type { RunRequest } from "../../../daemon/runs/request.ts";
import { RunService } from "../../../daemon/runs/service.ts";
import { openRedisStore } from "../../../daemon/store/redis/store.ts";
import { threadOutput } from "../../../daemon/threads/output.ts";
import { Threads } from "../../../daemon/threads/threads.ts";
import { randomToken } from "../../../shared/base/token.ts";
import type { RunStartResult } from "../../../shared/protocol/runs.ts";
import { hostProgram } from "../../support/paths.ts";
import { seeProcess } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";

const ignore = () => {};
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** The parts of a daemon that runs need, on a Redis that others may share. */
export interface RunDaemon {
  readonly runs: RunService;
  readonly locks: LockService;
  start(more: Partial<RunRequest>): Promise<RunStartResult>;
  /** Waits for the end of an execution. */
  end(started: RunStartResult): ReturnType<RunService["wait"]>;
  /** Everything the execution writes until it is over. */
  lines(started: RunStartResult): Promise<string[]>;
  /** What a clean stop does: leases are let go, runs live on. */
  stop(): Promise<void>;
}

/** A place to run in, and daemons that share it. */
export class RunWorld {
  readonly directory = mkdtempSync(join(realpathSync(tmpdir()), "devlatch-runs-"));
  readonly #stops: (() => Promise<void>)[] = [];

  constructor(test: TestContext) {
    test.after(() => this.#end());
  }

  async daemon(url: string, machineId = "this-machine"): Promise<RunDaemon> {
    const store = await openRedisStore({ url, clientName: "test", onProblem: () => {} });
    const threads = new Threads();
    const sessionsDirectory = join(this.directory, `sessions-${this.#stops.length}`);
    const hosts = new Hosts({
      processes: createProcesses(),
      log,
      output: threadOutput(threads),
      sessionsDirectory,
      journalFile: join(this.directory, "journal.db"),
      hostProgram: { file: process.execPath, args: [hostProgram] },
    });
    const locks = new LockService(store.locks, { instance: randomToken() });
    const thread = (at: string) => threads.of(at);
    const runs = new RunService(
      { hosts, locks, thread, log, cleanups: { owe: () => {} }, machineId, now: Date.now },
      store.records,
    );
    await runs.begin().catch(() => {});
    const signal = AbortSignal.timeout(120_000);
    let stopped: Promise<void> | undefined;
    const stop = () => {
      stopped ??= (async () => {
        runs.dispose();
        await locks.close();
        await store.close();
        threads.dispose();
      })();
      return stopped;
    };
    this.#stops.push(stop);
    const place = ({ run }: RunStartResult) => ({
      sandboxId: run.sandboxId,
      key: run.key,
      launchId: run.launchId,
    });
    return {
      runs,
      locks,
      stop,
      start: (more) => runs.start({ ...this.#request(), ...more }, signal, () => {}),
      end: (started) => runs.wait(place(started), 60_000, signal),
      lines: async (started) => {
        const texts: string[] = [];
        for (let cursor: number | undefined; ; ) {
          const wishes = { form: "lines", limit: 1000, waitMs: 60_000, cursor } as const;
          const page = await runs.output(place(started), wishes, signal);
          texts.push(...page.messages.filter(({ kind }) => kind === "output").map(({ text }) => text));
          if (page.outcome) return texts;
          cursor = page.next;
        }
      },
    };
  }

  /** A command that leaves a line in the journal, then does what `script` says. */
  command(script: string): string[] {
    return ["sh", "-c", `echo $$ >> journal; ${script}`];
  }

  /** Pids of the executions so far. */
  executions(): number[] {
    const file = join(this.directory, "journal");
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean).map(Number) : [];
  }

  open(gate: string): void {
    writeFileSync(join(this.directory, gate), "");
  }

  #request(): RunRequest {
    return {
      sandboxId: "box",
      key: "build",
      root: this.directory,
      cwd: this.directory,
      command: this.command("true"),
      inputs: {},
      callerEnvironment: { PATH: process.env["PATH"] ?? "" },
      callId: randomToken(),
    };
  }

  async #end(): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()));
    for (const name of ["go", "go2"]) this.open(name);
    // Who waits for a gate looks for it every 50 ms: with the directory gone it would wait for ever.
    const running = () => this.executions().some((pid) => seeProcess(pid)?.command.includes("journal"));
    await waitFor("the executions to end", () => !running());
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** Shell words that wait until a file is there. */
export const untilThere = (gate: string) => `until [ -e ${gate} ]; do sleep 0.05; done`;
