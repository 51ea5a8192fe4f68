import { runWithDeadline } from "../../shared/base/deadline.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import type { Log } from "../../shared/base/log.ts";
import {
  type ClientNotificationName,
  clientNotifications,
  type MethodName,
  methods,
} from "../../shared/protocol/contract.ts";
import type { CallContext, Caller, Handlers, Listeners } from "../methods/handlers.ts";

/**
 * Answers one request: checks the method, the caller's trust, the parameters, the deadline and the result.
 * @throws DevlatchError `UNKNOWN_METHOD`, `UNTRUSTED_WORKSPACE`, `INVALID_INPUT`, `DEADLINE`, `INTERNAL` (a result that
 *   breaks the contract), or what the handler throws
 */
export async function dispatch(
  handlers: Handlers,
  method: string,
  params: unknown,
  call: CallContext,
): Promise<unknown> {
  if (!isMethod(method)) {
    throw new DevlatchError(
      "UNKNOWN_METHOD",
      `This daemon has no method ${JSON.stringify(method)}.`,
      "Client and daemon may be of different builds. Restart the daemon with: devlatch daemon stop",
    );
  }
  const contract = methods[method];
  if (contract.acts && !call.client.trusted) throw untrusted();
  const parsed = contract.params.safeParse(params ?? {});
  if (!parsed.success) throw invalidParams(method, parsed.error.issues);
  // The table ties each method's handler to its own parameters; TypeScript can't follow that through the union.
  const handler = handlers[method] as (params: unknown, call: CallContext) => Promise<unknown>;
  const result = await runWithDeadline(
    contract.deadlineMs,
    method,
    (signal) => handler(parsed.data, { ...call, signal }),
    call.signal,
  );
  const checked = contract.result.safeParse(result);
  if (checked.success) return checked.data;
  throw new Error(`The result of ${method} doesn't fit its contract: ${checked.error.message}`);
}

/**
 * Delivers one notification. What isn't known, doesn't fit or fails is noted in the log and dropped: nobody waits for
 * an answer.
 */
export function deliver(
  listeners: Listeners,
  name: string,
  value: unknown,
  { caller, log }: { readonly caller: Caller; readonly log: Log },
): void {
  if (!isClientNotification(name)) {
    log.debug({ name }, "unknown notification ignored");
    return;
  }
  const parsed = clientNotifications[name].safeParse(value);
  if (!parsed.success) {
    log.debug({ name, problem: parsed.error.message }, "malformed notification ignored");
    return;
  }
  try {
    listeners[name](parsed.data, caller);
  } catch (error) {
    log.debug({ name, err: error }, "notification failed");
  }
}

function isClientNotification(name: string): name is ClientNotificationName {
  return Object.hasOwn(clientNotifications, name);
}

function isMethod(name: string): name is MethodName {
  return Object.hasOwn(methods, name);
}

function untrusted(): DevlatchError {
  return new DevlatchError(
    "UNTRUSTED_WORKSPACE",
    "Nothing is started, stopped or typed into from a workspace that isn't trusted.",
    "Trust the workspace in the editor, then try again.",
  );
}

function invalidParams(
  method: string,
  issues: readonly { path: PropertyKey[]; message: string }[],
): DevlatchError {
  const words = issues.map(
    (issue) => `${issue.path.map(String).join(".") || "parameters"}: ${issue.message}`,
  );
  return new DevlatchError(
    "INVALID_INPUT",
    `${method} got wrong input. ${words.join("; ")}`,
    "Correct it and try again.",
  );
}
