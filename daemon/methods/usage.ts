import { sessionKey } from "../../shared/model/keys.ts";
import type { Callers } from "../holders/callers.ts";
import type { Departures } from "../servers/departures.ts";
import type { Holding } from "../servers/holding.ts";
import { type LaunchOutputs, neverStarted } from "../servers/launch-output.ts";
import type { Leaving } from "../servers/leaving.ts";
import type { Locator } from "../servers/locator.ts";
import type { SessionService } from "../sessions/service.ts";
import type { Handlers } from "./handlers.ts";

type UsageMethods = "session/leave" | "session/own" | "session/output";

/** What those who use servers for as long as they run need. */
export interface UsageUseCases {
  readonly callers: Callers;
  readonly locator: Locator;
  readonly holding: Holding;
  readonly leaving: Leaving;
  readonly departures: Departures;
  readonly launchOutputs: LaunchOutputs;
  readonly sessions: Pick<SessionService, "registry">;
}

export function usageMethods(parts: UsageUseCases): Pick<Handlers, UsageMethods> {
  const { callers, locator, holding, leaving, departures, launchOutputs, sessions } = parts;
  const recordOf = async (cwd: string, app: string) =>
    sessions.registry.peek(sessionKey(await locator.session(cwd, app)));
  return {
    "session/leave": async ({ cwd, app, stop }, { client, signal }) => {
      const place = await locator.session(cwd, app);
      return leaving.leave(place, { caller: await callers.of(client), stop, signal });
    },

    "session/own": async ({ cwd, app, launch }) => {
      const record = await recordOf(cwd, app);
      return { own: record?.hosting?.kind === "hosted" && record.hosting.launchId === launch };
    },

    "session/output": async ({ cwd, app, ...request }, { client, scope, signal }) => {
      const record = await recordOf(cwd, app);
      if (!record) throw neverStarted(app);
      // Who waits for more follows the server.
      if (request.waitMs > 0) {
        const caller = await callers.of(client);
        await holding.note(record, caller);
        if (client.stays) departures.watch(record, caller, scope);
      }
      return launchOutputs.page(record, request, signal);
    },
  };
}
