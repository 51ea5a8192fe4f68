import type { Callers } from "../holders/callers.ts";
import type { Viewers } from "../servers/viewers.ts";
import type { Handlers } from "./handlers.ts";

type TerminalMethods = "terminal/attach" | "terminal/input" | "terminal/resize" | "terminal/detach";

export function terminalMethods(viewers: Viewers, callers: Callers): Pick<Handlers, TerminalMethods> {
  return {
    "terminal/attach": async ({ cwd, app, ...size }, call) =>
      viewers.attach({ cwd, app, size }, call, await callers.of(call.client)),

    "terminal/input": async ({ terminal, data }) => {
      await viewers.input(terminal, data);
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
