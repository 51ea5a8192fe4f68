import type { Disposable } from "../../shared/base/disposable.ts";
import { isErrorCode } from "../../shared/base/errors.ts";
import { type Server, serversOf } from "../state/servers.ts";
import { report } from "./report.ts";
import type { Services } from "./services.ts";

/** Tells the user when a ready server of this workspace dies. A start that fails is told by whoever asked for it. */
export function announceCrashes(services: Pick<Services, "state" | "settings">): Disposable {
  let before = keptUpKeys(serversOf(services.state.current));
  return services.state.onChanged((state) => {
    const servers = serversOf(state);
    for (const server of servers) if (before.has(server.key)) reportIfFailed(server, services);
    before = keptUpKeys(servers);
  });
}

/** Ready, or about to be so again: a restart that succeeds needs no notification. */
function keptUpKeys(servers: readonly Server[]): ReadonlySet<string> {
  const isKeptUp = ({ state }: Server) => state.kind === "ready" || state.kind === "restarting";
  return new Set(servers.filter(isKeptUp).map(({ key }) => key));
}

function reportIfFailed(server: Server, services: Pick<Services, "settings">): void {
  if (server.state.kind !== "failed") return;
  const { code, message, remedy } = server.state.error;
  report({ code: isErrorCode(code) ? code : "EXITED_EARLY", message, remedy }, services, server);
}
