import { readDescription } from "../host/description-file.ts";
import { readLedger } from "../host/ledger.ts";
import type { TreeRoot } from "../processes/processes.ts";
import { unknownLeader } from "../processes/processes.ts";
import { connectHost, type HostConnection } from "./client.ts";
import type { HostCheck, Hosted, HostsDependencies, RecordedLaunch } from "./hosting.ts";

/** How long a living host may take to answer, in milliseconds. */
export const answerTimeoutMs = 3_000;

/** What is there of a launch: its host, if that answers, and its processes. Changes nothing. */
export class HostLook {
  readonly #dependencies: HostsDependencies;

  constructor(dependencies: HostsDependencies) {
    this.#dependencies = dependencies;
  }

  /** Whether the launch in this record still runs, and how to reach it. */
  async check(hosting: Hosted): Promise<HostCheck> {
    const { directory, launchId } = hosting;
    let connection: HostConnection | undefined;
    try {
      connection = await connectHost(directory, { signal: AbortSignal.timeout(answerTimeoutMs) });
      const description = await connection.request("describe", {});
      if (description.launchId === launchId && description.exit === undefined) {
        return { kind: "live", connection, description };
      }
      connection.dispose();
      return { kind: "gone", exit: description.launchId === launchId ? description.exit : undefined };
    } catch (error) {
      connection?.dispose();
      this.#dependencies.log.debug({ err: error, directory }, "a session host doesn't answer");
    }
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
