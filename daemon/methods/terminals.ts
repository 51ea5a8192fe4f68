import type { Callers } from "../holders/callers.ts";
import type { Departures } from "../servers/departures.ts";
import type { Locator } from "../servers/locator.ts";
import type { Viewers } from "../servers/viewers.ts";
import type { Handlers } from "./handlers.ts";

type TerminalMethods = `terminal/${"attach" | "input" | "press" | "resize" | "detach"}`;

/** Who looks at terminals, and what is noticed of their end. */
export interface ViewerUseCases {
  readonly callers: Callers;
  readonly locator: Locator;
  readonly departures: Departures;
}

export function terminalMethods(
  viewers: Viewers,
  { callers, locator, departures }: ViewerUseCases,
): Pick<Handlers, TerminalMethods> {
  return {
    "terminal/attach": async ({ cwd, app, ...size }, call) => {
      const caller = await callers.of(call.client);
      // Also after the daemon was lost: the next one must know whose end to look at.
      if (call.client.stays) departures.watch(await locator.session(cwd, app), caller, call.scope);
      return viewers.attach({ cwd, app, size }, call, caller);
    },

    "terminal/input": async ({ terminal, data }) => {
      await viewers.input(terminal, data);
      return {};
    },

    "terminal/press": async ({ cwd, app, data }, call) => {
      await viewers.press({ cwd, app, data }, call.signal, await callers.of(call.client));
      return {};
    },

    "terminal/resize": async ({ terminal, ...size }) => {
      await viewers.resize(terminal, size);
      return {};
    },

    "terminal/detach": async ({ terminal }) => {
      viewers.detach(terminal);
      return {};
    },
  };
}
