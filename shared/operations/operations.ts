import { alerts } from "./alerts.ts";
import { daemon, diagnostics, doctor, status } from "./daemon.ts";
import { detect } from "./detect.ts";
import { health } from "./health.ts";
import { journal, logs } from "./history.ts";
import { locks, metrics } from "./locks.ts";
import type { Input, Operation } from "./operation.ts";
import { port } from "./ports.ts";
import { run } from "./runs.ts";
import { env, sandbox } from "./sandboxes.ts";
import { attach, dev, open, restart, start, stop, wait, withApps } from "./servers.ts";

/** Every operation, by its name on the command line, in the order that help shows. */
export const operations = {
  start,
  stop,
  restart,
  dev,
  with: withApps,
  status,
  logs,
  wait,
  journal,
  attach,
  open,
  locks,
  metrics,
  health,
  alerts,
  port,
  run,
  detect,
  sandbox,
  env,
  daemon,
  doctor,
  diagnostics,
} satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;
export type OperationInput<N extends OperationName> = Input<
  (typeof operations)[N]["args"],
  (typeof operations)[N]["options"]
>;
