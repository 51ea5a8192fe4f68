import { join } from "node:path";
import { pause } from "../../shared/base/deadline.ts";
import { DevlatchError, hasCode } from "../../shared/base/errors.ts";
import type { ProcessView } from "../../shared/model/process.ts";
import type { TreeRoot } from "../processes/processes.ts";
import { connectHost, type HostConnection } from "./client.ts";
import { type EndableRecord, HostEnding } from "./ending.ts";
import type {
  HostableRecord,
  HostCheck,
  Hosted,
  HostState,
  HostsDependencies,
  HostWishes,
} from "./hosting.ts";
import { answerTimeoutMs, HostLook } from "./look.ts";
import { requireInstalled, spawnHost } from "./spawning.ts";

export type { HostDescription } from "../host/protocol.ts";
export { type Hosted, hostedHere, leftoversOf } from "./hosting.ts";

/** Attempts to get the session's lock for a new host, and the pause between two, in milliseconds. */
const launchAttempts = 3;
const occupiedPauseMs = 30;

/** Starts session hosts, finds them again, and ends what dead ones left. */
export class Hosts {
  readonly #dependencies: HostsDependencies;
  readonly #look: HostLook;
  readonly #ending: HostEnding;

  constructor(dependencies: HostsDependencies) {
    this.#dependencies = dependencies;
    this.#look = new HostLook(dependencies);
    this.#ending = new HostEnding(dependencies, this.#look);
  }

  /** The directory of a session on this machine. */
  directoryOf(sandboxId: string, session: string): string {
    return join(this.#dependencies.sessionsDirectory, sandboxId, session);
  }

  /** @throws DevlatchError `HOST_FAILED` where no host can be started any more; see {@link requireInstalled} */
  requireInstalled(): void {
    requireInstalled(this.#dependencies.hostProgram);
  }

  /**
   * Starts a host for the intent in `record`; one that holds the session's lock without a record is ended first.
   * @throws DevlatchError what the host reports (`COMMAND_NOT_FOUND`, `DIRECTORY_MISSING`, `HOST_FAILED`)
   */
  async launch(
    record: HostableRecord,
    hosting: Hosted,
    wishes: HostWishes,
    signal: AbortSignal,
  ): Promise<void> {
    for (let attempt = 0; attempt < launchAttempts; attempt++) {
      if ((await spawnHost(this.#dependencies, { record, hosting, wishes }, signal)) === "running") return;
      // A host no record tells of: the store was emptied, or a daemon died between two writes.
      if (!(await this.#endUnrecorded(record, hosting.directory))) await pause(occupiedPauseMs, signal);
    }
    throw new DevlatchError(
      "HOST_FAILED",
      `Another session host runs in ${hosting.directory} and can't be ended.`,
      "See what it is with: devlatch doctor",
    );
  }

  /** Whether the launch in this record still runs, and how to reach it. */
  check(hosting: Hosted): Promise<HostCheck> {
    return this.#look.check(hosting);
  }

  /** See {@link HostLook.stateOf}. */
  stateOf(hosting: Hosted): Promise<HostState> {
    return this.#look.stateOf(hosting);
  }

  /** See {@link HostLook.askOver}. */
  askOver(connection: HostConnection, hosting: Hosted): void {
    this.#look.askOver(connection, hosting);
  }

  /** The process tree of a launch, for signalling it without its host. */
  treeOf(hosting: Hosted): TreeRoot {
    return this.#look.treeOf(hosting);
  }

  /** See {@link HostEnding.endRecorded}. */
  endRecorded(record: EndableRecord, hosting: Hosted): Promise<readonly ProcessView[]> {
    return this.#ending.endRecorded(record, hosting);
  }

  /** See {@link HostEnding.endLeftovers}. */
  endLeftovers(record: EndableRecord, hosting: Hosted): Promise<readonly ProcessView[]> {
    return this.#ending.endLeftovers(record, hosting);
  }

  /** Adds an event to the thread of a running launch. Never rejects: a host that can't be reached has none to add. */
  async note({ directory }: Hosted, text: string): Promise<void> {
    const signal = AbortSignal.timeout(answerTimeoutMs);
    let connection: HostConnection | undefined;
    try {
      connection = await connectHost(directory, { signal });
      await connection.request("note", { text }, { signal });
    } catch (error) {
      this.#dependencies.log.debug({ err: error, directory }, "an event could not be added to a thread");
    } finally {
      connection?.dispose();
    }
  }

  /**
   * Ends a living host of this session that isn't the one recorded.
   * @returns false where none answers: the lock was taken for a moment only, or its host is just ending
   */
  async #endUnrecorded(record: HostableRecord, directory: string): Promise<boolean> {
    let connection: HostConnection | undefined;
    try {
      connection = await connectHost(directory, { signal: AbortSignal.timeout(answerTimeoutMs) });
      const { launchId } = await connection.request("describe", {});
      this.#dependencies.log.warn({ session: record.session, launchId }, "ending an unrecorded session host");
      await connection.request("stop", record.stop);
      return true;
    } catch (error) {
      if (!hasCode(error, "HOST_FAILED")) throw error;
      return false;
    } finally {
      connection?.dispose();
    }
  }
}
