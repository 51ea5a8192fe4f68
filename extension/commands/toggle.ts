import { isErrorCode } from "../../shared/base/errors.ts";
import type { ToggledApp } from "../contributions/commands.ts";
import type { Server } from "../state/servers.ts";
import { actionsFor } from "./error-actions.ts";
import { offer } from "./report.ts";
import type { Services } from "./services.ts";
import { bringUp } from "./start.ts";
import { takeDown } from "./stop.ts";
import { chooseServer } from "./targets.ts";

/** The status bar's click: starts what is stopped, stops what is ready, explains what failed. */
export async function toggle(app: ToggledApp, services: Services): Promise<unknown> {
  const server = await chooseServer(
    undefined,
    {
      question: `Which ${app}?`,
      fits: (one) => one.app === app,
      nothing: `This workspace has no app ${app}.`,
    },
    services,
  );
  return server && toggleServer(server, services);
}

async function toggleServer(server: Server, services: Services): Promise<unknown> {
  const { state } = server;
  switch (state.kind) {
    case "stopped":
      return bringUp(server, { operation: "start", wishes: {} }, services);
    case "ready":
      return takeDown(server, services);
    case "starting":
    case "stopping":
      return services.terminals.show(server);
    case "crashed":
    case "failed":
    case "restarting":
      return explain(server);
  }
}

/** A failed server's error, asked for by a click, is shown whatever the taste in notifications. */
function explain(server: Server): void {
  if (!("error" in server.state)) return;
  const { code, message, remedy } = server.state.error;
  const error = { code: isErrorCode(code) ? code : "EXITED_EARLY", message, remedy } as const;
  const fitting = actionsFor(error, true);
  void offer(
    error,
    ["showOutput", "restart", ...fitting.filter((one) => one !== "showOutput" && one !== "restart")],
    server,
  );
}
