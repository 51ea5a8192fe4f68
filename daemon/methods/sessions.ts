import { sessionKey } from "../../shared/model/keys.ts";
import type { StartParams } from "../../shared/protocol/methods.ts";
import type { Callers } from "../holders/callers.ts";
import { lineageOf } from "../processes/lineage.ts";
import type { Processes } from "../processes/processes.ts";
import type { ResourceSampler } from "../resources/sampler.ts";
import type { Departures } from "../servers/departures.ts";
import type { EnsureRequest } from "../servers/ensure-request.ts";
import type { Locator } from "../servers/locator.ts";
import type { Servers } from "../servers/servers.ts";
import { requireNotCarried } from "./carried-caller.ts";
import type { CallContext, Handlers } from "./handlers.ts";

type SessionMethods = `session/${"start" | "stop" | "restart" | "resources" | "dismiss" | "lineage"}`;

/** What sessions are started and stopped with. */
export interface SessionUseCases {
  readonly servers: Servers;
  readonly callers: Callers;
  readonly locator: Locator;
  readonly departures: Departures;
  readonly processes: Pick<Processes, "list" | "listeners">;
}

export function sessionMethods(
  { servers, callers, locator, departures, processes }: SessionUseCases,
  resources: Pick<ResourceSampler, "history">,
): Pick<Handlers, SessionMethods> {
  return {
    "session/start": async (params, call) => {
      await requireNotCarried(processes, params.consent, call.client);
      const caller = await callers.of(call.client);
      const result = await servers.ensure(requestOf(params, call), caller);
      // Also of one that was killed meanwhile: its connection has ended then.
      if (call.client.stays) departures.watch(result, caller, call.scope);
      return result;
    },

    "session/stop": async (params, { client, signal }) =>
      servers.stop({ ...params, signal }, await callers.of(client)),

    "session/restart": async (params, call) => {
      await requireNotCarried(processes, params.consent, call.client);
      return servers.restart(requestOf(params, call), params.yes, await callers.of(call.client));
    },

    "session/dismiss": async (place) => ({ dismissed: await servers.dismiss(place) }),

    "session/lineage": async (place) => {
      const pid = servers.listenerOf(place);
      const lineage = pid === undefined ? [] : await lineageOf(processes, pid);
      return { pids: lineage.map((one) => one.pid) };
    },

    "session/resources": async ({ cwd, app }) => {
      return resources.history(sessionKey(await locator.session(cwd, app)));
    },
  };
}

function requestOf(params: StartParams, { signal, notify }: CallContext): EnsureRequest {
  const { cwd, app, command, port, env, progressToken, onConflict, consent, overBudget, wait, timeoutMs } =
    params;
  return {
    wishes: { cwd, app, command, port, ...(params.whileUsed ? { whileUsed: true } : {}) },
    // A window asks its user by showing the conflict; `ask` means the same as `fail` here.
    ...{ onConflict, consent, overBudget, wait, timeoutMs, signal },
    callerEnvironment: env,
    progress: (phase, message) => {
      if (progressToken !== undefined) notify("start/progress", { progressToken, phase, message });
    },
  };
}
