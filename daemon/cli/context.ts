import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { build } from "../../shared/base/version.ts";
import type { Connection } from "../../shared/client/connection.ts";
import type { DaemonOptions } from "../../shared/client/daemon.ts";
import { type Home, locateHome } from "../../shared/client/home.ts";
import { readDaemonState } from "../../shared/client/state-file.ts";
import { agentOf } from "../../shared/model/agents.ts";
import type { AtMoment, InDirectory } from "../../shared/operations/fields.ts";
import { type Request, request, type Sender } from "../../shared/operations/operation.ts";
import type { MethodName, Params, Result } from "../../shared/protocol/methods.ts";
import type { RequestOptions } from "../../shared/rpc/request.ts";
import type { Interrupts } from "./interrupts.ts";
import type { Output } from "./output/output.ts";

/** What operations take from where the command line is used. */
interface Caller extends InDirectory, AtMoment {
  readonly env: Record<string, string>;
}

/** Verbs that use servers themselves for as long as they run. */
const staying = new Set(["dev", "with"]);

/** Everything a verb works with; owns the connections it opens. */
export class Context implements Disposable, Sender {
  readonly verb: string;
  /** Absolute directory the caller works in; it exists. */
  readonly cwd: string;
  /** Whether `--cwd` named it. */
  readonly cwdGiven: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly home: Home;
  readonly output: Output;
  readonly interrupts: Interrupts;
  readonly #scope = new Scope();

  /** @throws DevlatchError `DIRECTORY_MISSING` */
  constructor(options: {
    verb: string;
    cwd: string | undefined;
    env: NodeJS.ProcessEnv;
    output: Output;
    interrupts: Interrupts;
  }) {
    this.verb = options.verb;
    this.env = options.env;
    this.cwd = existingDirectory(options.cwd, options.verb, options.env);
    this.cwdGiven = options.cwd !== undefined;
    this.home = locateHome(options.env);
    this.output = options.output;
    this.interrupts = options.interrupts;
  }

  get signal(): AbortSignal {
    return this.interrupts.signal;
  }

  /** The script of the daemon this command line belongs to. */
  get daemonScript(): string {
    return join(import.meta.dirname, "daemon.js");
  }

  /**
   * Connects to the daemon that runs.
   * @param options `anyProtocol`: also to one of another version, which can only be stopped then
   * @throws DevlatchError `DAEMON_UNAVAILABLE` if none does
   */
  async connect(options: { anyProtocol?: boolean } = {}): Promise<Connection> {
    const { connectToDaemon } = await loadClient();
    return this.#scope.add(await connectToDaemon({ ...this.#client(), ...options }, this.signal));
  }

  /**
   * Connects to the daemon, starting it if none runs.
   * @param options `anyNetwork`: also to one in another network
   */
  async ensure(signal = this.signal, options: Pick<DaemonOptions, "anyNetwork"> = {}): Promise<Connection> {
    if (!existsSync(this.daemonScript)) throw incomplete(this.daemonScript);
    const program = { script: this.daemonScript };
    const { ensureDaemon } = await loadClient();
    const redisUrl = this.env["DEVLATCH_REDIS_URL"] || undefined;
    return this.#scope.add(await ensureDaemon({ ...this.#client(), program, redisUrl, ...options }, signal));
  }

  /**
   * Connects again after the daemon was lost. One that crashed leaves its state file: the next one is started here. One
   * that was stopped took the file along: its user wants it gone, and another client has to start it.
   * @throws DevlatchError `DAEMON_UNAVAILABLE` while it is stopped
   */
  reconnect(): Promise<Connection> {
    return readDaemonState(this.home) ? this.ensure() : this.connect();
  }

  get caller(): Caller {
    const env = Object.entries(this.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return { cwd: this.cwd, env: Object.fromEntries(env), now: Date.now() };
  }

  /**
   * Does what an operation, or a step of one, says. Bad input is refused before a daemon is started for it.
   * @param sender a connection there is; by default one of its own, to a daemon that is started if none runs
   * @throws DevlatchError see {@link request}
   */
  ask<I, M extends MethodName>(
    operation: Request<I, Caller, M>,
    input: I,
    sender: Sender = this,
  ): Promise<Result<M>> {
    return request(operation, input, this.caller, sender, this.signal);
  }

  /** Sends one request over a connection of its own; starts the daemon if none runs. */
  async request<M extends MethodName>(
    method: M,
    params: Params<M>,
    options: RequestOptions = {},
  ): Promise<Result<M>> {
    const connection = await this.ensure();
    return connection.request(method, params, { signal: this.signal, ...options });
  }

  /** The same surroundings for one of several things that go on side by side; ends with this one. */
  beside(output: Output, env = this.env): Context {
    const { verb, interrupts } = this;
    const cwd = this.cwdGiven ? this.cwd : undefined;
    return this.#scope.add(new Context({ verb, cwd, env, output, interrupts }));
  }

  /** The same without a variable of the caller's. */
  without(variable: string): Context {
    const { [variable]: _, ...env } = this.env;
    return this.beside(this.output, env);
  }

  dispose(): void {
    this.#scope.dispose();
  }

  #client() {
    const name = `devlatch ${this.verb}`;
    const agent = agentOf(this.env);
    const client = {
      kind: "cli",
      name,
      pid: process.pid,
      trusted: true,
      stays: staying.has(this.verb),
      ...(agent === undefined ? {} : { agent }),
    } as const;
    return { home: this.home, client, build };
  }
}

/** What reaches a daemon is loaded by who needs one. */
function loadClient() {
  return import("../../shared/client/daemon.ts");
}

function existingDirectory(given: string | undefined, verb: string, env: NodeJS.ProcessEnv): string {
  const directory = given === undefined ? currentDirectory() : resolve(callersDirectory(verb, env), given);
  const problem = directoryProblem(directory);
  if (problem === undefined) return directory;
  throw new DevlatchError("DIRECTORY_MISSING", problem, "Give an existing directory with --cwd.", {
    data: { directory },
  });
}

function directoryProblem(directory: string): string | undefined {
  try {
    const found = statSync(directory, { throwIfNoEntry: false });
    if (found?.isDirectory()) return undefined;
    return found ? `${directory} isn't a directory.` : `The directory ${directory} doesn't exist.`;
  } catch (error) {
    return `The directory ${directory} can't be read (${error instanceof Error ? error.message : error}).`;
  }
}

/** Where a relative `--cwd` starts: `npm start` runs in the package's root and tells where it was called. */
function callersDirectory(verb: string, env: NodeJS.ProcessEnv): string {
  const called = verb === "try" && env["npm_lifecycle_event"] === "start" ? env["INIT_CWD"] : undefined;
  return called ?? currentDirectory();
}

function currentDirectory(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new DevlatchError(
      "DIRECTORY_MISSING",
      "The current directory no longer exists.",
      "Change to an existing directory, or give one with --cwd.",
      { cause },
    );
  }
}

function incomplete(script: string): DevlatchError {
  return new DevlatchError(
    "DAEMON_UNAVAILABLE",
    `This installation has no daemon: ${script} is missing.`,
    "Install Devlatch again; in its repository run: npm run build",
  );
}
