import { abortable, pause } from "../../shared/base/deadline.ts";
import { hasCode } from "../../shared/base/errors.ts";
import type { Connection } from "../../shared/client/connection.ts";
import type { Context } from "./context.ts";

/** Pause between two attempts to reach a daemon again, in milliseconds. */
const retryMs = 200;

/**
 * Connects again after the daemon was lost, and waits where it was stopped.
 * @param onWaiting is called once, when it has to be waited for
 * @throws DevlatchError why the daemon can't be used; the signal's reason
 */
export async function reconnect(
  context: Context,
  signal: AbortSignal,
  onWaiting: () => void,
): Promise<Connection> {
  for (let told = false; ; told = true) {
    try {
      return await abortable(context.reconnect(), signal);
    } catch (error) {
      if (signal.aborted || !hasCode(error, "DAEMON_UNAVAILABLE")) throw error;
    }
    if (!told) onWaiting();
    await pause(retryMs, signal);
  }
}
