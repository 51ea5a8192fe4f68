import { runKey } from "../../shared/model/keys.ts";
import type { RunRecord } from "../../shared/model/run.ts";
import { isRunLive } from "../../shared/model/run-state.ts";
import type { SandboxId } from "../../shared/model/sandbox.ts";
import type { RunService } from "./service.ts";

/**
 * All runs of one sandbox together: what a pool needs to take a sandbox back.
 * @param closeThread closes what this daemon has open in a run's directory
 */
export function runsInSandbox(runs: RunService, closeThread: (directory: string) => void) {
  const inSandbox = async (sandboxId: SandboxId): Promise<readonly RunRecord[]> => {
    await runs.refresh();
    return runs.list().filter((record) => record.sandboxId === sandboxId);
  };
  const liveIn = async (sandboxId: SandboxId) =>
    (await inSandbox(sandboxId)).filter(({ state }) => isRunLive(state));
  return {
    /** Whether a command runs there. */
    live: async (sandboxId: SandboxId): Promise<boolean> => (await liveIn(sandboxId)).length > 0,

    /** @throws DevlatchError as `RunService.stop`, once all were given their time */
    async stop(sandboxId: SandboxId, signal: AbortSignal): Promise<void> {
      const stopping = (await liveIn(sandboxId)).map((record) => runs.stop(record, undefined, signal));
      const failed = (await Promise.allSettled(stopping)).find(({ status }) => status === "rejected");
      if (failed?.status === "rejected") throw failed.reason;
    },

    /** Forgets what was run there: a result must not stand for a run of the next owner. None of them may run. */
    async forget(sandboxId: SandboxId): Promise<void> {
      for (const record of await inSandbox(sandboxId)) {
        closeThread(record.hosting.directory);
        await runs.forget(runKey(record));
      }
    },
  };
}
