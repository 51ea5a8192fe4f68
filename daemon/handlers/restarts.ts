import type { Disposable } from "../../shared/base/disposable.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { StartParams } from "../../shared/protocol/contract.ts";
import type { DueRestart } from "../sessions/restarts.ts";
import type { Parts } from "./parts.ts";
import { startSession } from "./sessions.ts";
import { resolveTarget } from "./targets.ts";

/** Starts what is due to be restarted, by the configuration as it is now. */
export function restartWhenDue(parts: Parts): Disposable {
  const ended = new AbortController();
  const subscription = parts.sessions.restarts.onDue((due) => void restart(parts, due, ended.signal));
  return {
    dispose: () => {
      subscription.dispose();
      ended.abort(new DevlatchError("CANCELLED", "The daemon ends.", "The next one goes on with it."));
    },
  };
}

async function restart(parts: Parts, due: DueRestart, signal: AbortSignal): Promise<void> {
  const { record, attempt, why, environment } = due;
  const { cwd, command, port } = record.asked ?? { cwd: record.root };
  const params = StartParams.parse({ cwd, app: record.app, command, port, env: environment });
  try {
    const target = await resolveTarget(parts, params);
    await startSession(parts, target, params, { signal, progress: () => {}, restart: { attempt, why } });
  } catch (error) {
    parts.log.warn({ err: error, session: record.session, attempt }, "a restart failed");
    await parts.sessions.restarts.failed(due, error);
  }
}
