import { rm } from "node:fs/promises";
import { join } from "node:path";
import { cleanUp, describeFailures } from "../../shared/base/clean-up.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { SandboxId } from "../../shared/model/sandbox.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { isActive } from "../../shared/model/session-state.ts";
import type { SessionService } from "./service.ts";

/** Longest time for one step of forgetting a sandbox, in milliseconds: its output may be large. */
const forgetMs = 60_000;

/**
 * All servers of one sandbox together: what a pool needs to take a sandbox back.
 * @param sessionsDirectory holds one directory a sandbox
 * @param release closes whatever this daemon has open in a session's directory; forgets who holds a session
 */
export function sessionsInSandbox(
  sessions: SessionService,
  sessionsDirectory: string,
  release: {
    readonly directory: (directory: string) => void;
    readonly holders: (session: SessionRecord) => Promise<void>;
  },
) {
  const inSandbox = async (sandboxId: SandboxId): Promise<readonly SessionRecord[]> => {
    await sessions.registry.load();
    return sessions.registry.all().filter((record) => record.sandboxId === sandboxId);
  };
  return {
    async live(sandboxId: SandboxId): Promise<boolean> {
      return (await inSandbox(sandboxId)).some(({ state }) => isActive(state));
    },

    /** @throws DevlatchError `STOP_INCOMPLETE`, `CONSENT_REQUIRED` for a server started by hand */
    async stop(sandboxId: SandboxId, signal: AbortSignal): Promise<void> {
      const live = (await inSandbox(sandboxId)).filter(({ state }) => isActive(state));
      const stopping = live.map((record) => sessions.stopUnasked(record, { signal }));
      // All are given their time: one that can't be stopped must not leave the others half stopped.
      const failed = (await Promise.allSettled(stopping)).find(({ status }) => status === "rejected");
      if (failed?.status === "rejected") throw failed.reason;
    },

    /** Removes their records and output. None of them may run. */
    async forget(sandboxId: SandboxId): Promise<void> {
      const records = await inSandbox(sandboxId);
      for (const record of records) release.directory(sessions.directoryOf(record));
      const directory = join(sessionsDirectory, sandboxId);
      // The record last: it is what a later attempt finds the holders by.
      const ofRecord = records.map((record) => ({
        what: "forget the holders and the record of",
        thing: record.app,
        run: async () => {
          await release.holders(record);
          await sessions.registry.remove(sessionKey({ sandboxId, app: record.app }));
        },
      }));
      const output = {
        what: "remove the output in",
        thing: directory,
        run: () => rm(directory, { recursive: true, force: true, maxRetries: 3 }),
      };
      const failures = await cleanUp([...ofRecord, output], { deadlineMs: forgetMs, attempts: 3 });
      const [first] = failures;
      if (first) throw new DevlatchError(first.error.code, describeFailures(failures), first.error.remedy);
    },
  };
}
