import { until } from "../../shared/base/deadline.ts";
import { hasCode } from "../../shared/base/errors.ts";
import type { ProcessView } from "../../shared/model/process.ts";
import type { HostStopResult } from "../host/protocol.ts";
import { terminateTree } from "../processes/terminate.ts";
import type { HostConnection } from "./client.ts";
import type { HostableRecord, Hosted, HostsDependencies } from "./hosting.ts";
import type { HostLook } from "./look.ts";
import { removeStaleSocket } from "./stale-socket.ts";

/** How long a host that was killed may take to be gone, in milliseconds. */
const killedMs = 2_000;

/** What is needed to end a launch: whose it is, and how its processes are asked. */
export type EndableRecord = Pick<HostableRecord, "session" | "stop">;

/** Ends launches with everything they left. Everything here can be repeated. */
export class HostEnding {
  readonly #dependencies: HostsDependencies;
  readonly #look: HostLook;

  constructor(dependencies: HostsDependencies, look: HostLook) {
    this.#dependencies = dependencies;
    this.#look = look;
  }

  /**
   * Ends the recorded launch, through its host if that answers, else by its cookie and group.
   * @returns the survivors, if any
   */
  async endRecorded(record: EndableRecord, hosting: Hosted): Promise<readonly ProcessView[]> {
    const check = await this.#look.check(hosting);
    if (check.kind === "live") {
      const report = await stopThrough(check.connection, record);
      if (report && report.survivors.length > 0) return report.survivors;
    }
    const survivors = await this.#endMembers(record, hosting);
    if (check.kind === "silent") await this.#endSilentHost(hosting);
    removeStaleSocket(hosting.directory);
    return survivors;
  }

  /** Ends what a dead host left: processes, the file of its socket. @returns the survivors, if any */
  async endLeftovers(record: EndableRecord, hosting: Hosted): Promise<readonly ProcessView[]> {
    const survivors = await this.#endMembers(record, hosting);
    removeStaleSocket(hosting.directory);
    return survivors;
  }

  async #endMembers(record: EndableRecord, hosting: Hosted): Promise<readonly ProcessView[]> {
    const root = this.#look.treeOf(hosting);
    const members = await this.#dependencies.processes.members(root);
    if (members.length === 0) return [];
    this.#dependencies.log.warn(
      { session: record.session, pids: members.map(({ pid }) => pid) },
      "ending leftovers",
    );
    const report = await terminateTree(this.#dependencies.processes, root, {
      signal: "SIGTERM",
      timeoutMs: record.stop.timeoutMs,
    });
    return report.survivors;
  }

  /**
   * A host that doesn't answer (paused, stuck) is ours to end, after its tree: as long as it lives, whatever is left
   * without a parent comes back to it and is found below it.
   */
  async #endSilentHost(hosting: Hosted): Promise<void> {
    const { processes } = this.#dependencies;
    const host = this.#look.recorded(hosting)?.host;
    if (!host || !(await processes.signal(host, "SIGKILL"))) return;
    const gone = async () => ((await processes.isAlive(host)) ? undefined : true);
    // One that is still there then keeps its lock and its socket, and the next look finds both.
    await until(gone, { intervalMs: 10, signal: AbortSignal.timeout(killedMs) }).catch(() => {});
  }
}

/** @returns undefined where the host is gone before it is done: the rest is done without it */
async function stopThrough(
  connection: HostConnection,
  { stop }: EndableRecord,
): Promise<HostStopResult | undefined> {
  try {
    return await connection.request("stop", stop);
  } catch (error) {
    if (hasCode(error, "HOST_FAILED")) return undefined;
    throw error;
  } finally {
    connection.dispose();
  }
}
