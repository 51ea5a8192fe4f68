import { freePort, listenersOn } from "../sessions/ports.ts";
import type { Handlers } from "./contract.ts";
import type { Parts } from "./parts.ts";

export function portHandlers(parts: Parts): Pick<Handlers, "port/inspect" | "port/free"> {
  const listeners = async (port: number) => [
    ...(await listenersOn(parts.processes, port, parts.sessions.registry.all())),
  ];
  return {
    "port/inspect": async ({ port }) => ({ port, listeners: await listeners(port), freed: [] }),

    "port/free": async ({ port, consent }, { signal }) => {
      const freed = await freePort(parts.processes, port, consent, signal);
      parts.log.info({ port, freed }, "port freed with consent");
      return { port, listeners: await listeners(port), freed: [...freed] };
    },
  };
}
