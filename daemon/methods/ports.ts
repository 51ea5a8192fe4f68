import type { Log } from "../../shared/base/log.ts";
import type { Callers } from "../holders/callers.ts";
import type { Processes } from "../processes/processes.ts";
import type { Holding } from "../servers/holding.ts";
import type { KillTargets } from "../servers/kill-targets.ts";
import { freePort, inspectPort } from "../sessions/ports.ts";
import type { SessionService } from "../sessions/service.ts";
import { markCarriers, requireNotCarried } from "./carried-caller.ts";
import type { Handlers } from "./handlers.ts";

/** What is known of those who ask, and of those who take ports from each other. */
export interface PortAskers {
  readonly callers: Pick<Callers, "of">;
  readonly holding: Pick<Holding, "tookTurn">;
  readonly killTargets: Pick<KillTargets, "of">;
}

export function portMethods(
  sessions: Pick<SessionService, "trees">,
  processes: Processes,
  { callers, holding, killTargets }: PortAskers,
  log: Log,
): Pick<Handlers, "port/inspect" | "port/free" | "process/targets"> {
  const inspect = (port: number) => inspectPort(processes, port, sessions.trees());
  return {
    "port/inspect": async ({ port }, { client }) => {
      const found = await inspect(port);
      const listeners = await markCarriers(processes, found.listeners, client);
      return { port, ...found, listeners, freed: [] };
    },

    "port/free": async ({ port, consent }, { signal, client }) => {
      await requireNotCarried(processes, consent, client);
      const freed = [...(await freePort(processes, port, consent, signal))];
      log.info({ port, freed }, "port freed with consent");
      const fight = freed.length > 0 ? holding.tookTurn({ port }, await callers.of(client)) : undefined;
      return { port, ...(await inspect(port)), freed, ...(fight ? { notice: fight.notice } : {}) };
    },

    "process/targets": async (aim, { client }) => killTargets.of(aim, await callers.of(client)),
  };
}
