import type { PortResult } from "../../shared/protocol/contract.ts";
import { clientsOf, freePort, listenersOn } from "../sessions/ports.ts";
import type { Handlers } from "./contract.ts";
import type { Parts } from "./parts.ts";

export function portHandlers(parts: Parts): Pick<Handlers, "port/inspect" | "port/free"> {
  const inspect = async (port: number): Promise<PortResult> => {
    const trees = parts.sessions.trees();
    const [listeners, clients] = await Promise.all([
      listenersOn(parts.processes, port, trees),
      clientsOf(parts.processes, port, trees),
    ]);
    return { port, listeners: [...listeners], clients: [...clients], freed: [] };
  };
  return {
    "port/inspect": ({ port }) => inspect(port),

    "port/free": async ({ port, consent }, { signal }) => {
      const freed = await freePort(parts.processes, port, consent, signal);
      parts.log.info({ port, freed }, "port freed with consent");
      return { ...(await inspect(port)), freed: [...freed] };
    },
  };
}
