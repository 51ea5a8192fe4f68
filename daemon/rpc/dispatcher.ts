import { DevlatchError } from "../../shared/base/errors.ts";
import { type MethodName, methods } from "../../shared/protocol/methods.ts";
import { dispatch as answer } from "../../shared/rpc/serving.ts";
import type { CallContext, Handlers } from "../methods/handlers.ts";

/**
 * Answers one request: checks the caller's trust, and everything else as any serving end does.
 * @throws DevlatchError `UNTRUSTED_WORKSPACE`, `DAEMON_UNAVAILABLE` where a part of the daemon's program is gone, or see `dispatch` of `shared/rpc`
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
  try {
    return await answer({ methods, handlers, name: "This daemon", remedy }, method, params, call);
  } catch (error) {
    throw isPartGone(error) ? partGone() : error;
  }
}

/** A part of the daemon's own program that is loaded when it is needed: an upgrade may have taken its file meanwhile. */
function isPartGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
}

function partGone(): DevlatchError {
  return new DevlatchError(
    "DAEMON_UNAVAILABLE",
    "Devlatch was upgraded or removed while its daemon ran, which needs a file that is gone.",
    "Restart it with: devlatch daemon stop (servers go on running), or reload the window.",
  );
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
