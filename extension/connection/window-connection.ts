import { hasCode } from "../../shared/base/errors.ts";
import { type DaemonReach, LiveClient } from "../../shared/client/live-client.ts";
import type { Reach } from "./reach.ts";

/** The one connection of a window, which may also replace the daemon at its other end. */
export class WindowConnection extends LiveClient {
  readonly #daemon: Pick<Reach, "stopDaemon">;

  constructor(reach: DaemonReach & Pick<Reach, "stopDaemon">) {
    super(reach);
    this.#daemon = reach;
  }

  /**
   * Ends the daemon and starts another, on the store that this window is set to; servers go on running.
   * @throws DevlatchError see `Reach.stopDaemon`
   */
  async restartDaemon(): Promise<void> {
    await this.#daemon.stopDaemon().catch((error: unknown) => {
      if (!hasCode(error, "DAEMON_UNAVAILABLE")) throw error;
    });
    this.reconnect();
  }
}
