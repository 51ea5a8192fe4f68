import type { Log } from "../../shared/base/log.ts";
import type { Processes } from "../processes/processes.ts";
import type { KillTargets } from "../servers/kill-targets.ts";
import { freePort, inspectPort } from "../sessions/ports.ts";
import type { SessionService } from "../sessions/service.ts";
import type { Handlers } from "./handlers.ts";

export function portMethods(
  sessions: Pick<SessionService, "trees">,
  processes: Processes,
  targets: Pick<KillTargets, "of">,
  log: Log,
): Pick<Handlers, "port/inspect" | "port/free" | "process/targets"> {
  const inspect = (port: number) => inspectPort(processes, port, sessions.trees());
  return {
    "port/inspect": async ({ port }) => ({ port, ...(await inspect(port)), freed: [] }),

    "port/free": async ({ port, consent }, { signal }) => {
      const freed = [...(await freePort(processes, port, consent, signal))];
      log.info({ port, freed }, "port freed with consent");
      return { port, ...(await inspect(port)), freed };
    },

    "process/targets": (aim, { client }) => targets.of(aim, client.pid),
  };
}
