import "../zod-without-eval.ts";

import { abortable, runWithDeadline } from "../../shared/base/deadline.ts";
import type { Disposable } from "../../shared/base/disposable.ts";
import type { Connection } from "../../shared/client/connection.ts";
import { connectToDaemon, ensureDaemon } from "../../shared/client/daemon.ts";
import type { Home } from "../../shared/client/home.ts";
import type { DaemonReach } from "../../shared/client/live-client.ts";
import { readDaemonState } from "../../shared/client/state-file.ts";
import { watchForDaemon } from "./watch-for-daemon.ts";

/** What of the window decides how it reaches its daemon. Read anew at every attempt. */
export interface WindowFacts {
  /** Shown to people who ask the daemon who is connected. */
  readonly name: string;
  readonly trusted: boolean;
  /** The Redis its user shares work through; it may hold a password. */
  readonly redisUrl: string | undefined;
}

/** How long the daemon may take to end, in milliseconds. */
const stopTimeoutMs = 15_000;

export interface ReachOptions {
  readonly home: Home;
  /** Absolute path of `daemon.js`. */
  readonly script: string;
  readonly build: string;
  readonly facts: () => WindowFacts;
  /** The agent that this is for; a window's own user without it. */
  readonly agent?: string;
}

/**
 * Opens connections to the daemon, and decides when that may start one:
 * - never in an untrusted workspace: looking starts nothing;
 * - when the window opens, and when its user asks for something;
 * - after a crash, told by the state file a daemon leaves behind only then. A daemon that was stopped stays
 *   stopped: windows that start it again at once would make `devlatch daemon stop` useless.
 *
 * A window set to a Redis refuses a daemon with another store, as the command line does; one that only looks takes what
 * runs.
 */
export class Reach implements DaemonReach {
  readonly #options: ReachOptions;

  constructor(options: ReachOptions) {
    this.#options = options;
  }

  /** @throws DevlatchError see `connectToDaemon` and `ensureDaemon` */
  async open(signal: AbortSignal, wanted: boolean): Promise<Connection> {
    const { home, script, facts } = this.#options;
    const { trusted, redisUrl } = facts();
    const options = { ...this.#client(), redisUrl: trusted ? redisUrl : undefined };
    const env: Record<string, string> = redisUrl === undefined ? {} : { DEVLATCH_REDIS_URL: redisUrl };
    return trusted && (wanted || readDaemonState(home) !== undefined)
      ? ensureDaemon({ ...options, program: { script, env } }, signal)
      : connectToDaemon(options, signal);
  }

  watch(onAppeared: () => void): Disposable {
    return watchForDaemon(this.#options.home, onAppeared);
  }

  /**
   * Ends the daemon that runs, whichever store it uses; its servers go on running.
   * @returns when it takes no requests any more
   * @throws DevlatchError `UNTRUSTED_WORKSPACE`, `DEADLINE`; see `connectToDaemon`
   */
  async stopDaemon(): Promise<void> {
    await runWithDeadline(stopTimeoutMs, "Stopping the daemon", async (signal) => {
      const connection = await connectToDaemon({ ...this.#client(), anyProtocol: true }, signal);
      const closed = new Promise<void>((resolve) => connection.onClosed(() => resolve()));
      try {
        await connection.request("daemon/stop", {}, { signal });
        await abortable(closed, signal);
      } finally {
        connection.dispose();
      }
    });
  }

  #client() {
    const { home, build, facts, agent } = this.#options;
    const { name, trusted } = facts();
    const { pid } = process;
    if (agent === undefined) return { home, build, client: { kind: "window", name, pid, trusted } } as const;
    return { home, build, client: { kind: "mcp", name: agent, pid, trusted, stays: true } } as const;
  }
}
