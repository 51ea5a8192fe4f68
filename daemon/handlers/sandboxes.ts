import { DevlatchError } from "../../shared/base/errors.ts";
import type { CallContext, Handlers } from "./contract.ts";
import type { Parts } from "./parts.ts";
import { locateSandbox, portsOf } from "./targets.ts";

type SandboxMethods =
  | "sandbox/claim"
  | "sandbox/renew"
  | "sandbox/release"
  | "sandbox/list"
  | "sandbox/ports";

export function sandboxHandlers(parts: Parts): Pick<Handlers, SandboxMethods> {
  const { sandboxes } = parts;
  return {
    "sandbox/claim": (params, call) => sandboxes.claim({ ...params, signal: whileConnected(call) }),

    "sandbox/renew": (params, { signal }) => sandboxes.renew({ ...params, signal }),

    "sandbox/release": (params, { signal }) => sandboxes.release({ ...params, signal }),

    "sandbox/list": async ({ cwd }, { signal }) => [...(await sandboxes.list(cwd, signal))],

    "sandbox/ports": async ({ cwd }) => {
      const located = await locateSandbox(parts, cwd);
      return { sandboxId: located.sandboxId, ports: await portsOf(parts, located, cwd) };
    },
  };
}

/** A claim whose caller is gone would keep its sandbox until the lease ends, known to nobody. */
function whileConnected({ scope, signal }: CallContext): AbortSignal {
  const gone = new AbortController();
  scope.defer(() =>
    gone.abort(new DevlatchError("CANCELLED", "Whoever claimed a sandbox is gone.", "Claim again.")),
  );
  return AbortSignal.any([signal, gone.signal]);
}
