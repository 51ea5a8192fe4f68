import type { CancellationToken, MessageConnection } from "vscode-jsonrpc/node";
import { runWithDeadline } from "../base/deadline.ts";
import { DevlatchError } from "../base/errors.ts";
import {
  type CheckedParamsOf,
  deadlineOf,
  type Methods,
  type NameOf,
  type Notifications,
  type ResultOf,
  type ValueOf,
} from "./api.ts";
import { toResponseError } from "./errors.ts";
import { hear } from "./notified.ts";
import { findOversize } from "./size.ts";

/** Most faults that the answer to a wrong request names: a wrong list would be answered with a longer one. */
const maxFaults = 5;

/** What a handler knows of the request at least. */
export interface Call {
  /** Aborts at the method's deadline and when the caller cancels. */
  readonly signal: AbortSignal;
}

/** One handler per method; leaving one out doesn't compile. */
export type Handlers<T extends Methods, C extends Call> = {
  readonly [M in NameOf<T>]: (
    params: CheckedParamsOf<T, M>,
    call: C,
  ) => Promise<ResultOf<T, M>> | ResultOf<T, M>;
};

/** One listener per notification of the calling end. It gives no answer, so it must not take long, nor act. */
export type Listeners<T extends Notifications, C> = {
  readonly [N in NameOf<T>]: (value: ValueOf<T, N>, caller: C) => void;
};

/** What is served. */
export interface Served<T extends Methods, C extends Call> {
  readonly methods: T;
  readonly handlers: Handlers<T, C>;
  /** Who serves, to callers that ask for a method that isn't there: begins a sentence. */
  readonly name: string;
  /** What those callers can do. */
  readonly remedy: string;
}

/**
 * Answers every request of the other end with what `answer` gives, or with the error of the closed list that it throws.
 * @param onFailed is told of those errors
 */
export function answerRequests(
  rpc: MessageConnection,
  answer: (method: string, params: unknown, signal: AbortSignal) => Promise<unknown>,
  onFailed: (method: string, error: unknown) => void = () => {},
): void {
  rpc.onRequest(async (method: string, params: unknown, token: CancellationToken) => {
    const cancelled = new AbortController();
    const subscription = token.onCancellationRequested(() => cancelled.abort(cancelledByCaller()));
    try {
      return await answer(method, params, cancelled.signal);
    } catch (error) {
      onFailed(method, error);
      return toResponseError(error);
    } finally {
      subscription.dispose();
    }
  });
}

/**
 * Answers one request: checks the method, the parameters, the deadline and the result.
 * @throws DevlatchError `UNKNOWN_METHOD`, `INVALID_INPUT`, `DEADLINE`, or what the handler throws
 * @throws Error for a result that breaks the contract: `INTERNAL` on the wire
 */
export async function dispatch<T extends Methods, C extends Call>(
  served: Served<T, C>,
  method: string,
  params: unknown,
  call: C,
): Promise<unknown> {
  const { methods, handlers, name, remedy } = served;
  const contract = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (!contract) {
    throw new DevlatchError("UNKNOWN_METHOD", `${name} has no method ${JSON.stringify(method)}.`, remedy);
  }
  const oversize = findOversize(params);
  if (oversize) throw invalidParams(method, [oversize]);
  const parsed = contract.params.safeParse(params ?? {});
  if (!parsed.success) throw invalidParams(method, parsed.error.issues);
  // The table ties each method's handler to its own parameters; TypeScript can't follow that through the union.
  const handler = handlers[method as NameOf<T>] as (params: unknown, call: C) => unknown;
  const result = await runWithDeadline(
    deadlineOf(contract, parsed.data),
    method,
    async (signal) => handler(parsed.data, { ...call, signal }),
    call.signal,
  );
  const checked = contract.result.safeParse(result);
  if (checked.success) return checked.data;
  throw new Error(`The result of ${method} doesn't fit its contract: ${checked.error.message}`);
}

/**
 * Hands one notification to its listener. What isn't known, doesn't fit or fails is dropped: it has no answer.
 * @param onDropped is told why
 */
export function deliver<T extends Notifications, C>(
  table: T,
  listeners: Listeners<T, C>,
  { name, value, caller }: { readonly name: string; readonly value: unknown; readonly caller: C },
  onDropped: (why: unknown) => void,
): void {
  const heard = hear(table, name, value);
  if (heard.kind === "dropped") {
    onDropped(heard.why);
    return;
  }
  try {
    listeners[heard.notified.name](heard.notified.value, caller);
  } catch (error) {
    onDropped(error);
  }
}

function cancelledByCaller(): DevlatchError {
  return new DevlatchError(
    "CANCELLED",
    "The caller cancelled.",
    "Nothing was left behind; start again when you like.",
  );
}

function invalidParams(
  method: string,
  issues: readonly { path: PropertyKey[]; message: string }[],
): DevlatchError {
  const words = issues
    .slice(0, maxFaults)
    .map((issue) => `${issue.path.map(String).join(".") || "parameters"}: ${issue.message}`);
  if (issues.length > maxFaults) words.push(`and ${issues.length - maxFaults} more`);
  return new DevlatchError(
    "INVALID_INPUT",
    `${method} got wrong input. ${words.join("; ")}`,
    "Correct it and try again.",
  );
}
