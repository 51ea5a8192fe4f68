import { hasCode, toErrorShape } from "../../shared/base/errors.ts";
import { digest, randomToken } from "../../shared/base/token.ts";
import type { RunRecord } from "../../shared/model/run.ts";
import { type Hosted, hostedHere, leftoversOf } from "../hosts/hosts.ts";
import type { LockGrant } from "../locks/lock-service.ts";
import { leftoversSurvive } from "./errors.ts";
import { failedState, intent, type RunRecords } from "./records.ts";
import type { RunDependencies, RunRequest } from "./request.ts";

/** Launches a run once its lease is held and nothing of it runs. */
export class RunLauncher {
  readonly #dependencies: RunDependencies;
  readonly #records: RunRecords;

  constructor(dependencies: RunDependencies, records: RunRecords) {
    this.#dependencies = dependencies;
    this.#records = records;
  }

  /**
   * Ends what the last execution may have left, writes the intent, launches the host, writes that it runs.
   * On failure nothing is left running and the record says why.
   * @throws DevlatchError `COMMAND_NOT_FOUND`, `DIRECTORY_MISSING`, `HOST_FAILED`, `STOP_INCOMPLETE`, `LOCK_LOST`,
   *   `RECORD_CONFLICT`, `STORE_UNAVAILABLE`, or the grant's abort reason
   */
  async launch(request: RunRequest, last: RunRecord | undefined, grant: LockGrant): Promise<RunRecord> {
    if (last) await this.#clearAway(last);
    const { hosts, machineId, now } = this.#dependencies;
    const { sandboxId, key, callerEnvironment, size } = request;
    const directory = hosts.directoryOf(sandboxId, `run_${digest(key)}`);
    const hosting: Hosted = { kind: "hosted", launchId: randomToken(), directory, machineId };
    const record = intent(request, hosting, grant.fence, now());
    await this.#records.write(record);
    try {
      const wishes = { callerEnvironment, exported: {}, endsWithLeader: true, ...(size ? { size } : {}) };
      const spawned = { ...record, settings: { ...record.settings, env: request.inputs } };
      await hosts.launch(spawned, hosting, wishes, grant.signal);
      grant.signal.throwIfAborted();
      const running: RunRecord = { ...record, state: { kind: "running", since: now() } };
      await this.#records.write(running);
      return running;
    } catch (error) {
      await this.#undo(record, hosting, error);
      throw error;
    }
  }

  async #clearAway(last: RunRecord): Promise<void> {
    const hosting = hostedHere(last, this.#dependencies.machineId);
    const survivors = hosting ? await this.#dependencies.hosts.endLeftovers(last, hosting) : [];
    if (survivors.length > 0) throw leftoversSurvive(last, survivors);
  }

  /** The launch's own cookie tells its processes from all others, so ending them is right even without the lease. */
  async #undo(record: RunRecord, hosting: Hosted, error: unknown): Promise<void> {
    const { hosts, log, now, cleanups } = this.#dependencies;
    try {
      const survivors = await hosts.endRecorded(record, hosting);
      if (survivors.length > 0) throw leftoversSurvive(record, survivors);
    } catch (problem) {
      cleanups.owe(leftoversOf(record, hosting), problem);
    }
    try {
      if (hasCode(error, "LOCK_LOST") || hasCode(error, "RECORD_CONFLICT")) return;
      await this.#records.write({ ...record, state: failedState(toErrorShape(error), now()) });
    } catch (problem) {
      log.warn({ err: problem, run: record.key }, "a failed launch of a run could not be recorded");
    }
  }
}
