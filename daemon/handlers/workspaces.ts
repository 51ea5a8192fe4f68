import { recogniseServers } from "./by-hand.ts";
import type { Handlers } from "./contract.ts";
import type { Parts } from "./parts.ts";
import { locateSandbox, shifted } from "./targets.ts";

export function workspaceHandlers(parts: Parts): Pick<Handlers, "sandbox/describe" | "command/detect"> {
  return {
    "sandbox/describe": async ({ cwd }) => {
      const { sandboxId, slot } = await locateSandbox(parts, cwd);
      // Not waited for: what it finds comes as a change of the state.
      void recogniseServers(parts, cwd);
      const view = await parts.workspace.describe(cwd);
      const apps = view.apps.map((one) => (slot ? { ...one, port: shifted(slot, one.app, one.port) } : one));
      return { ...view, apps, sandboxId };
    },

    "command/detect": async ({ cwd, command }) => parts.workspace.detect(command, cwd),
  };
}
