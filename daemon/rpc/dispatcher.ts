import { DevlatchError } from "../../shared/base/errors.ts";
import { type MethodName, methods } from "../../shared/protocol/methods.ts";
import { dispatch as answer } from "../../shared/rpc/serving.ts";
import type { CallContext, Handlers } from "../methods/handlers.ts";

/**
 * Answers one request: checks the caller's trust, and everything else as any serving end does.
 * @throws DevlatchError `UNTRUSTED_WORKSPACE`, or see `dispatch` of `shared/rpc`
 */
export async function dispatch(
  handlers: Handlers,
  method: string,
  params: unknown,
  call: CallContext,
): Promise<unknown> {
  if (isMethod(method) && methods[method].acts && !call.client.trusted) throw untrusted();
  const remedy =
    "Client and daemon may be of different builds. Restart the daemon with: devlatch daemon stop";
  return answer({ methods, handlers, name: "This daemon", remedy }, method, params, call);
}

function isMethod(name: string): name is MethodName {
  return Object.hasOwn(methods, name);
}

function untrusted(): DevlatchError {
  return new DevlatchError(
    "UNTRUSTED_WORKSPACE",
    "Nothing is started, stopped, silenced or typed into from a workspace that isn't trusted.",
    "Trust the workspace in the editor, then try again.",
  );
}
