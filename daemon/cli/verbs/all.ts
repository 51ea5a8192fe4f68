import { type OperationName, operations } from "../../../shared/operations/operations.ts";
import { alerts } from "./alerts.ts";
import { attach } from "./attach.ts";
import { daemon } from "./daemon.ts";
import { detect } from "./detect.ts";
import { dev } from "./dev.ts";
import { diagnostics } from "./diagnostics.ts";
import { doctor } from "./doctor.ts";
import { env } from "./env.ts";
import { health } from "./health.ts";
import { journal } from "./journal.ts";
import { locks } from "./locks.ts";
import { logs } from "./logs.ts";
import { metrics } from "./metrics.ts";
import { port } from "./port.ts";
import { restart } from "./restart.ts";
import { run } from "./run.ts";
import { sandbox } from "./sandbox.ts";
import { start } from "./start.ts";
import { status } from "./status.ts";
import { stop } from "./stop.ts";
import { tryOut } from "./try.ts";
import type { Verb } from "./verb.ts";
import { wait } from "./wait.ts";
import { withApps } from "./with.ts";

/** Every operation as a verb: leaving one out doesn't compile. */
const declared: Record<OperationName, Verb> = {
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
};

const inOrder = Object.keys(operations).map((name) => [name, declared[name as OperationName]] as const);

/** The verbs of the command line by name, in the order help shows them; `try` is the command line's own. */
export const verbs: Readonly<Record<string, Verb>> = { ...Object.fromEntries(inOrder), try: tryOut };
