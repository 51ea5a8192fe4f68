import { CancellationTokenSource, type MessageConnection } from "vscode-jsonrpc/node";
import { runWithDeadline } from "../base/deadline.ts";
import { DevlatchError } from "../base/errors.ts";
import { deadlineOf, type Method, type Methods, type NameOf, type ParamsOf, type ResultOf } from "./api.ts";
import { fromResponseError, isConnectionEnd } from "./errors.ts";

/** How much longer than the serving end's own deadline an answer is waited for, in milliseconds. */
const deadlineGraceMs = 2_000;

/** Who is asked, as errors speak of it. */
export interface ServingEnd {
  /** Begins a sentence: `The daemon`. */
  readonly name: string;
  /** What to do where its answer doesn't fit the contract. */
  readonly remedy: string;
  /** Why there is no answer once the connection is over. */
  readonly lost: () => DevlatchError;
}

/** A connection that listens, and who is at its other end. */
export interface Channel {
  readonly rpc: MessageConnection;
  readonly server: ServingEnd;
}

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** Gives up after this many milliseconds, if that is sooner than the method's own deadline. */
  readonly timeoutMs?: number;
}

/**
 * Sends a request and checks the answer.
 * @throws DevlatchError the serving end's error by its code; `DEADLINE`; `MALFORMED_MESSAGE` for an answer that breaks
 *   its contract; what `lost` gives when the connection ends first; the signal's reason when it aborts (the serving end
 *   is told to stop working)
 */
export async function request<T extends Methods, M extends NameOf<T>>(
  channel: Channel,
  methods: T,
  method: M,
  params: ParamsOf<T, M>,
  options: RequestOptions = {},
): Promise<ResultOf<T, M>> {
  options.signal?.throwIfAborted();
  const contract: Method = methods[method] as T[M];
  const answerMs = deadlineOf(contract, params) + deadlineGraceMs;
  const { name, remedy } = channel.server;
  const answer = await runWithDeadline(
    Math.min(options.timeoutMs ?? answerMs, answerMs),
    `${name}'s answer to ${method}`,
    (signal) => send(channel, method, params, signal),
    options.signal,
  );
  const result = contract.result.safeParse(answer);
  if (result.success) return result.data as ResultOf<T, M>;
  throw new DevlatchError(
    "MALFORMED_MESSAGE",
    `${name}'s answer to ${method} doesn't fit the protocol: ${result.error.message}`,
    remedy,
  );
}

async function send(
  { rpc, server }: Channel,
  method: string,
  params: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  const cancellation = new CancellationTokenSource();
  const cancel = () => cancellation.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    return await rpc.sendRequest(method, params, cancellation.token);
  } catch (error) {
    throw isConnectionEnd(error) ? server.lost() : fromResponseError(error);
  } finally {
    signal.removeEventListener("abort", cancel);
    cancellation.dispose();
  }
}
