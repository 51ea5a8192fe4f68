import type { Connection } from "../../shared/client/connection.ts";
import { connectToDaemon, ensureDaemon } from "../../shared/client/daemon.ts";
import type { Home } from "../../shared/client/home.ts";
import { readDaemonState } from "../../shared/client/state-file.ts";

/** What of the window decides how it reaches its daemon. Read anew at every attempt. */
export interface WindowFacts {
  /** Shown to people who ask the daemon who is connected. */
  readonly name: string;
  readonly trusted: boolean;
  /** Variables for a daemon this window starts, e.g. `DEVLATCH_REDIS_URL`. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface ReachOptions {
  readonly home: Home;
  /** Absolute path of `daemon.js`. */
  readonly script: string;
  readonly build: string;
  readonly facts: () => WindowFacts;
}

/**
 * Opens connections to the daemon, and decides when that may start one:
 * - never in an untrusted workspace: looking starts nothing;
 * - when the window opens, and when its user asks for something;
 * - after a crash, told by the state file a daemon leaves behind only then. A daemon that someone stopped stays
 *   stopped: windows that start it again at once would make `devlatch daemon stop` useless.
 */
export class Reach {
  readonly #options: ReachOptions;
  #mayLaunch = true;

  constructor(options: ReachOptions) {
    this.#options = options;
  }

  get home(): Home {
    return this.#options.home;
  }

  /** Lets the next attempt start a daemon (if the workspace is trusted). */
  allowLaunch(): void {
    this.#mayLaunch = true;
  }

  /** @throws DevlatchError see `connectToDaemon` and `ensureDaemon` */
  async open(signal: AbortSignal): Promise<Connection> {
    const { home, script, build } = this.#options;
    const { name, trusted, environment } = this.#options.facts();
    const client = { kind: "window", name, pid: process.pid, trusted } as const;
    const launch = trusted && (this.#mayLaunch || readDaemonState(home) !== undefined);
    const connection = launch
      ? await ensureDaemon({ home, program: { script, env: environment }, client, build }, signal)
      : await connectToDaemon({ home, client, build }, signal);
    this.#mayLaunch = false;
    return connection;
  }
}
