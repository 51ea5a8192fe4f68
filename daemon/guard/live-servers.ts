import { runWithDeadline } from "../../shared/base/deadline.ts";
import { hasCode } from "../../shared/base/errors.ts";
import { build } from "../../shared/base/version.ts";
import type { Connection } from "../../shared/client/connection.ts";
import { connectToDaemon } from "../../shared/client/daemon.ts";
import { locateHome } from "../../shared/client/home.ts";
import { agentOf } from "../../shared/model/agents.ts";
import type { SessionView } from "../../shared/model/session.ts";
import type { Aim, Targets } from "../../shared/protocol/targets.ts";
import type { Servers } from "./judge.ts";

/** How long the daemon may take to say what runs, in milliseconds: longer than it ever should. */
const patienceMs = 3_000;

/** What runs, by the daemon that runs. None is started: without one, nothing of Devlatch's runs. */
export class LiveServers implements Servers {
  #connection: Promise<Connection | undefined> | undefined;

  /** @throws DevlatchError where a daemon runs and doesn't answer */
  async hitBy(aim: Aim): Promise<Targets> {
    const ask = (connection: Connection) => connection.request("process/targets", aim);
    return (await this.#ask(ask)) ?? { targets: [], daemon: false };
  }

  /** @throws DevlatchError where a daemon runs and doesn't answer */
  async around(cwd: string): Promise<readonly SessionView[]> {
    const status = await this.#ask((connection) => connection.request("daemon/status", { cwd }));
    return status?.sessions ?? [];
  }

  dispose(): void {
    void this.#connection?.then(
      (connection) => connection?.dispose(),
      () => {},
    );
  }

  #ask<T>(question: (connection: Connection) => Promise<T>): Promise<T | undefined> {
    return runWithDeadline(patienceMs, "Asking the daemon", async (signal) => {
      this.#connection ??= connected(signal);
      const connection = await this.#connection;
      return connection && question(connection);
    });
  }
}

/** As one that may only look, on behalf of the agent whose hook this is, whether that says so itself or not. */
async function connected(signal: AbortSignal): Promise<Connection | undefined> {
  const agent = agentOf(process.env) ?? "agent";
  const client = { kind: "cli", name: "devlatch guard", pid: process.pid, trusted: false, agent } as const;
  try {
    return await connectToDaemon({ home: locateHome(), client, build }, signal);
  } catch (error) {
    if (hasCode(error, "DAEMON_UNAVAILABLE")) return undefined;
    throw error;
  }
}
