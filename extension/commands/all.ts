import { t } from "@vscode/l10n";
import { DevlatchError } from "../../shared/base/errors.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import { isActive, isLive } from "../../shared/model/session-state.ts";
import type { StartResult, StopResult } from "../../shared/protocol/methods.ts";
import { currentServer, type Server, serverFrom } from "../state/servers.ts";
import type { FolderState, WindowState } from "../state/window-state.ts";
import type { Services } from "./services.ts";
import { bringUpAll } from "./start.ts";
import { takeDown } from "./stop.ts";
import { settledState } from "./targets.ts";

/**
 * Starts all that belongs together in this workspace, as `devlatch start` does in a terminal.
 * @returns what came of each; undefined for one that failed (said already) or was given up
 * @throws DevlatchError `NOT_RUNNING` where there is nothing to start; what the daemon says
 */
export async function startAll(services: Services): Promise<readonly (StartResult | undefined)[]> {
  const servers = await serversMeant("start", services);
  const idle = servers.filter(({ state }) => !isLive(state));
  if (idle.length === 0) throw nothingTo(t("Every server of this workspace runs already."));
  return bringUpAll(idle, services);
}

/** Stops all servers of this workspace, those that depend on others first. @returns as {@link startAll} */
export async function stopAll(services: Services): Promise<readonly (StopResult | undefined)[]> {
  const servers = (await serversMeant("running", services)).filter(({ state }) => isActive(state));
  if (servers.length === 0) throw nothingTo(t("No server of this workspace runs."));
  const results: (StopResult | undefined)[] = [];
  for (const server of [...servers].reverse()) results.push(await takeDown(server, services));
  return results;
}

/** What is meant in each folder, what others depend on first. What runs elsewhere isn't ours to start or stop. */
async function serversMeant(of: "start" | "running", services: Services): Promise<readonly Server[]> {
  const state = await settledState(services);
  const places = new Map(state.folders.flatMap((one) => (one.sandbox ? [[one.sandbox.sandboxId, one]] : [])));
  const meant = await Promise.all([...places.values()].map((folder) => meantIn(folder, of, state, services)));
  return meant.flat();
}

async function meantIn(
  { path, sandbox }: FolderState,
  of: "start" | "running",
  state: WindowState,
  { connection }: Services,
): Promise<readonly Server[]> {
  if (sandbox === undefined || (of === "start" && sandbox.apps.length === 0)) return [];
  const { apps } = await connection.request("project/apps", { cwd: path, names: [], of });
  return apps
    .filter(({ external }) => external === undefined)
    .map(({ app }) => {
      const known = currentServer(state, sessionKey({ sandboxId: sandbox.sandboxId, app }));
      return known ?? serverFrom(path, sandbox, app, state);
    });
}

function nothingTo(message: string): DevlatchError {
  return new DevlatchError("NOT_RUNNING", message, "");
}
