import { DevlatchError } from "../../shared/base/errors.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import type { StartResult } from "../../shared/protocol/methods.ts";

/**
 * What a caller is told of a start.
 * @param beganAt of the monotonic clock, in milliseconds
 * @throws DevlatchError `NOT_RUNNING` where its record is gone
 */
export function startResult(
  outcome: StartResult["outcome"],
  record: SessionRecord | undefined,
  beganAt: number,
): StartResult {
  if (!record)
    throw new DevlatchError("NOT_RUNNING", "The session ended while it was started.", "Start it again.");
  const { state } = record;
  const serving =
    state.kind === "ready"
      ? { pid: state.pid, port: state.port, url: state.url }
      : { pid: null, port: null, url: null };
  return {
    outcome,
    session: record.session,
    app: record.app,
    state: state.kind,
    ...serving,
    sandboxId: record.sandboxId,
    fence: record.fence,
    startedAt: record.startedAt,
    elapsedMs: Math.round(performance.now() - beganAt),
  };
}
