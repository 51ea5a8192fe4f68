import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { SandboxId } from "../../shared/model/sandbox.ts";
import { isActive, type SessionRecord, sessionKey } from "../../shared/model/session.ts";
import type { SessionService } from "./service.ts";

/** Time a server gets beyond its own stop timeout, in milliseconds. */
const stopGraceMs = 30_000;

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
      const stopping = live.map(({ app, stop }) =>
        sessions.stop({ sandboxId, app, yes: false, timeoutMs: stop.timeoutMs + stopGraceMs, signal }),
      );
      await Promise.all(stopping);
    },

    /** Removes their records and output. None of them may run. */
    async forget(sandboxId: SandboxId): Promise<void> {
      for (const record of await inSandbox(sandboxId)) {
        release.directory(sessions.directoryOf(record));
        await release.holders(record);
        await sessions.registry.remove(sessionKey(sandboxId, record.app));
      }
      await rm(join(sessionsDirectory, sandboxId), { recursive: true, force: true });
    },
  };
}
