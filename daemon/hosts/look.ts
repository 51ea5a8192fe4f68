import { hasCode } from "../../shared/base/errors.ts";
import { readDescription } from "../host/description-file.ts";
import { readLedger } from "../host/ledger.ts";
import type { HostDescription } from "../host/protocol.ts";
import type { TreeRoot } from "../processes/processes.ts";
import { unknownLeader } from "../processes/processes.ts";
import { connectHost, type HostConnection } from "./client.ts";
import type { HostCheck, Hosted, HostState, HostsDependencies, RecordedLaunch } from "./hosting.ts";

/** How long a living host may take to answer, in milliseconds. */
export const answerTimeoutMs = 3_000;

/** What is there of a launch: its host, if that answers, and its processes. Changes nothing. */
export class HostLook {
  readonly #dependencies: HostsDependencies;
  /** Connections that others keep open to living hosts, by launch. */
  readonly #open = new Map<string, HostConnection>();

  constructor(dependencies: HostsDependencies) {
    this.#dependencies = dependencies;
  }

  /** Whether the launch in this record still runs, and how to reach it. */
  async check(hosting: Hosted): Promise<HostCheck> {
    const { directory } = hosting;
    let connection: HostConnection | undefined;
    try {
      connection = await connectHost(directory, { signal: AbortSignal.timeout(answerTimeoutMs) });
      const description = await connection.request("describe", {});
      const state = stateIn(description, hosting);
      if (state.kind === "live") return { kind: "live", connection, description };
      connection.dispose();
      return state;
    } catch (error) {
      connection?.dispose();
      this.#dependencies.log.debug({ err: error, directory }, "a session host doesn't answer");
      return this.#unanswered(hosting);
    }
  }

  /** Whether the launch in this record still runs: {@link check} where no connection to its host is open already. */
  async stateOf(hosting: Hosted): Promise<HostState> {
    const { directory, launchId } = hosting;
    const open = this.#open.get(launchId);
    try {
      if (open) return stateIn(await open.request("describe", {}), hosting);
    } catch (error) {
      this.#dependencies.log.debug({ err: error, directory }, "a session host doesn't answer");
      if (hasCode(error, "DEADLINE")) return this.#unanswered(hosting);
    }
    const check = await this.check(hosting);
    if (check.kind !== "live") return check;
    check.connection.dispose();
    return { kind: "live" };
  }

  /** Has {@link stateOf} ask over this connection for as long as it is open. */
  askOver(connection: HostConnection, { launchId }: Hosted): void {
    if (connection.isOver) return;
    this.#open.set(launchId, connection);
    connection.onClosed(() => {
      if (this.#open.get(launchId) === connection) this.#open.delete(launchId);
    });
  }

  async #unanswered(hosting: Hosted): Promise<Exclude<HostState, { kind: "live" }>> {
    const launch = this.recorded(hosting);
    if (launch && launch.exit === undefined && (await this.#dependencies.processes.isAlive(launch.host))) {
      return { kind: "silent" };
    }
    return { kind: "gone", exit: launch?.exit };
  }

  /** The process tree of a launch, for signalling it without its host. */
  treeOf(hosting: Hosted): TreeRoot {
    const launch = this.recorded(hosting);
    // A host that died before it spawned leaves no leader; the cookie still finds whatever there is.
    const leader = launch?.leader ?? unknownLeader;
    const ledger = readLedger(hosting.directory, hosting.launchId);
    return { leader, cookie: hosting.launchId, ledger, ...(launch ? { host: launch.host } : {}) };
  }

  /** From the thread, or where that can't be read from the host's own description. */
  recorded({ directory, launchId }: Hosted): RecordedLaunch | undefined {
    const launch = this.#dependencies.output.launch(directory, launchId);
    if (launch) return launch;
    const description = readDescription(directory);
    return description?.launchId === launchId ? description : undefined;
  }
}

/** What a host says of itself, for a launch that may be an earlier one of its session. */
function stateIn(
  { launchId, exit }: HostDescription,
  hosting: Hosted,
): Exclude<HostState, { kind: "silent" }> {
  if (launchId !== hosting.launchId) return { kind: "gone", exit: undefined };
  return exit === undefined ? { kind: "live" } : { kind: "gone", exit };
}
