import { DevlatchError } from "../../shared/base/errors.ts";
import type { Workspace } from "../detect/workspace.ts";
import type { Sandboxes } from "../sandboxes/service.ts";
import type { ByHand } from "../servers/by-hand.ts";
import { lookAtExternals } from "../servers/external-look.ts";
import type { Locator } from "../servers/locator.ts";
import type { ProjectApps } from "../servers/project-apps.ts";
import type { CallContext, Handlers } from "./handlers.ts";

type SandboxMethods =
  | "sandbox/describe"
  | "project/apps"
  | "project/externals"
  | "project/script"
  | "sandbox/claim"
  | "sandbox/renew"
  | "sandbox/release"
  | "sandbox/list"
  | "sandbox/ports"
  | "command/detect";

export function sandboxMethods(
  sandboxes: Sandboxes,
  locator: Locator,
  byHand: ByHand,
  apps: ProjectApps,
  workspace: Pick<Workspace, "detect" | "script">,
): Pick<Handlers, SandboxMethods> {
  return {
    "sandbox/describe": async ({ cwd }) => {
      // Not waited for: what it finds comes as a change of the state.
      void byHand.recognise(cwd);
      return locator.describe(cwd);
    },

    "project/apps": async ({ cwd, names, of, dependents }) => {
      // What was started by hand is meant, too, where what runs is.
      if (of === "running" && names.length === 0) await byHand.recognise(cwd);
      return of === "start" ? apps.toStart(cwd, names) : apps.running(cwd, names, dependents);
    },

    "project/externals": async ({ cwd }, { signal }) => {
      const { apps } = await locator.describe(cwd);
      return { externals: await lookAtExternals(apps, signal) };
    },

    "project/script": ({ cwd, script }) => workspace.script(script, cwd),

    "sandbox/claim": (params, call) => sandboxes.claim({ ...params, signal: whileConnected(call) }),

    "sandbox/renew": (params, { signal }) => sandboxes.renew({ ...params, signal }),

    "sandbox/release": (params, { signal }) => sandboxes.release({ ...params, signal }),

    "sandbox/list": async ({ cwd }, { signal }) => [...(await sandboxes.list(cwd, signal))],

    "sandbox/ports": ({ cwd }) => locator.ports(cwd),

    "command/detect": ({ cwd, command }) => workspace.detect(command, cwd),
  };
}

/** A claim whose caller is gone would keep its sandbox until the lease ends, unknown to all. */
function whileConnected({ scope, signal }: CallContext): AbortSignal {
  const gone = new AbortController();
  scope.defer(() =>
    gone.abort(new DevlatchError("CANCELLED", "The client that claimed a sandbox is gone.", "Claim again.")),
  );
  return AbortSignal.any([signal, gone.signal]);
}
