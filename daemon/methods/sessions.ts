import { sessionKey } from "../../shared/model/keys.ts";
import type { StartParams } from "../../shared/protocol/methods.ts";
import type { Callers } from "../holders/callers.ts";
import type { ResourceSampler } from "../resources/sampler.ts";
import type { EnsureRequest } from "../servers/ensure-request.ts";
import type { Locator } from "../servers/locator.ts";
import type { Servers } from "../servers/servers.ts";
import type { CallContext, Handlers } from "./handlers.ts";

type SessionMethods = "session/start" | "session/stop" | "session/restart" | "session/resources";

export function sessionMethods(
  servers: Servers,
  callers: Callers,
  locator: Locator,
  resources: Pick<ResourceSampler, "history">,
): Pick<Handlers, SessionMethods> {
  return {
    "session/start": async (params, call) =>
      servers.ensure(requestOf(params, call), await callers.of(call.client)),

    "session/stop": async (params, { client, signal }) =>
      servers.stop({ ...params, signal }, await callers.of(client)),

    "session/restart": async (params, call) =>
      servers.restart(requestOf(params, call), params.yes, await callers.of(call.client)),

    "session/resources": async ({ cwd, app }) => {
      return resources.history(sessionKey(await locator.session(cwd, app)));
    },
  };
}

function requestOf(params: StartParams, { signal, notify }: CallContext): EnsureRequest {
  const { cwd, app, command, port, env, progressToken, onConflict, consent, wait, timeoutMs } = params;
  return {
    wishes: { cwd, app, command, port },
    // A window asks its user by showing the conflict; `ask` means the same as `fail` here.
    ...{ onConflict, consent, wait, timeoutMs, signal },
    callerEnvironment: env,
    progress: (phase, message) => {
      if (progressToken !== undefined) notify("start/progress", { progressToken, phase, message });
    },
  };
}
