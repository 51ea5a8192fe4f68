import { sessionKey } from "../../shared/model/session.ts";
import type { Handlers } from "./contract.ts";
import type { Parts } from "./parts.ts";
import { locateSandbox } from "./targets.ts";

export function resourceHandlers(parts: Parts): Pick<Handlers, "session/resources"> {
  return {
    "session/resources": async ({ cwd, app }) => {
      const { sandboxId } = await locateSandbox(parts, cwd);
      return parts.resources.history(sessionKey(sandboxId, app));
    },
  };
}
