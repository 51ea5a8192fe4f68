import type { SingleFlight } from "../../shared/base/single-flight.ts";
import type { StartResult } from "../../shared/protocol/methods.ts";
import type { WindowConnection } from "../connection/window-connection.ts";
import type { WindowPause } from "../connection/window-pause.ts";
import type { Settings } from "../contributions/settings.ts";
import type { LogChannel } from "../log/log-channel.ts";
import type { StateRepository } from "../state/repository.ts";
import type { Outputs } from "../terminals/output.ts";
import type { Terminals } from "../terminals/terminals.ts";
import type { Dashboard } from "../webview/dashboard.ts";
import type { Phone } from "../webview/phone/phone-panel.ts";

/** What commands work with. */
export interface Services {
  readonly connection: WindowConnection;
  readonly state: StateRepository;
  readonly terminals: Terminals;
  readonly outputs: Outputs;
  readonly pause: WindowPause;
  /** Those that this window has begun, by the keys of servers: a second click joins the first. */
  readonly starts: SingleFlight<StartResult | undefined>;
  readonly dashboard: Pick<Dashboard, "show">;
  readonly phone: Pick<Phone, "show">;
  readonly log: Pick<LogChannel, "failed">;
  /** Build of this extension. */
  readonly build: string;
  /** Path of `daemon.js`. */
  readonly script: string;
  /** The daemon's log file. */
  readonly logFile: string;
  settings(): Settings;
}
