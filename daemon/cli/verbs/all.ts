import type { OperationName } from "../../../shared/operations/operations.ts";
import type { LoadVerb } from "./verb.ts";

/** Every operation as a verb, in the order help shows them: leaving one out doesn't compile. */
const declared: Record<OperationName, LoadVerb> = {
  start: async () => (await import("./start.ts")).start,
  stop: async () => (await import("./stop.ts")).stop,
  restart: async () => (await import("./restart.ts")).restart,
  dev: async () => (await import("./dev.ts")).dev,
  with: async () => (await import("./with.ts")).withApps,
  status: async () => (await import("./status.ts")).status,
  logs: async () => (await import("./logs.ts")).logs,
  wait: async () => (await import("./wait.ts")).wait,
  journal: async () => (await import("./journal.ts")).journal,
  attach: async () => (await import("./attach.ts")).attach,
  open: async () => (await import("./open.ts")).open,
  locks: async () => (await import("./locks.ts")).locks,
  metrics: async () => (await import("./metrics.ts")).metrics,
  health: async () => (await import("./health.ts")).health,
  alerts: async () => (await import("./alerts.ts")).alerts,
  port: async () => (await import("./port.ts")).port,
  run: async () => (await import("./run.ts")).run,
  detect: async () => (await import("./detect.ts")).detect,
  sandbox: async () => (await import("./sandbox.ts")).sandbox,
  env: async () => (await import("./env.ts")).env,
  daemon: async () => (await import("./daemon.ts")).daemon,
  doctor: async () => (await import("./doctor.ts")).doctor,
  diagnostics: async () => (await import("./diagnostics.ts")).diagnostics,
};

/** The verbs of the command line by name; `help`, `try`, `completion` and the like are the command line's own. */
export const verbs: Readonly<Record<string, LoadVerb>> = {
  ...declared,
  overview: async () => (await import("./overview.ts")).overview,
  completion: async () => (await import("./completion.ts")).completionOf(verbs),
  help: async () => (await import("./help.ts")).helpOf(verbs),
  try: async () => (await import("./try.ts")).tryOut,
  mcp: async () => (await import("./mcp.ts")).mcp,
  guard: async () => (await import("./guard.ts")).guard,
  init: async () => (await import("./init.ts")).init,
};
