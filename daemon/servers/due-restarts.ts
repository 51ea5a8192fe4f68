import type { Disposable } from "../../shared/base/disposable.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import type { Log } from "../../shared/base/log.ts";
import type { DueRestart, Restarts } from "../sessions/restarts.ts";
import type { Servers } from "./servers.ts";

/** Starts what is due to be started again, until it is disposed of. */
export function restartWhenDue(restarts: Restarts, servers: Servers, log: Log): Disposable {
  const ended = new AbortController();
  const restart = async (due: DueRestart) => {
    try {
      await servers.startAgain(due, ended.signal);
    } catch (error) {
      const { record, attempt } = due;
      log.warn({ err: error, session: record.session, attempt }, "a restart failed");
      await restarts.failed(due, error);
    }
  };
  const subscription = restarts.onDue((due) => void restart(due));
  return {
    dispose: () => {
      subscription.dispose();
      ended.abort(new DevlatchError("CANCELLED", "The daemon ends.", "The next one goes on with it."));
    },
  };
}
