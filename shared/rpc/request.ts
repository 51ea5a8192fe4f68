import { CancellationTokenSource, type MessageConnection } from "vscode-jsonrpc/node";
import { pause, runWithDeadline } from "../base/deadline.ts";
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
  const { name, remedy } = channel.server;
  const answer = await runWithDeadline(
    answerMsOf(contract, params, options),
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

/** An answer that is there by then needs no deadline; no method's own is shorter. In milliseconds. */
const soonMs = 2_000;

/**
 * Sends a request whose answer needs no check; see `Contract`.
 * @param load gives the table, which is only needed for the deadline of an answer that isn't there soon
 * @throws DevlatchError as {@link request}, less `MALFORMED_MESSAGE`
 */
export async function requestBelieved<T extends Methods, M extends NameOf<T>>(
  channel: Channel,
  load: () => Promise<T>,
  method: M,
  params: ParamsOf<T, M>,
  options: RequestOptions = {},
): Promise<ResultOf<T, M>> {
  options.signal?.throwIfAborted();
  const begun = performance.now();
  const over = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, over.signal]) : over.signal;
  const answer = send(channel, method, params, signal) as Promise<ResultOf<T, M>>;
  try {
    const soon = pause(Math.min(options.timeoutMs ?? soonMs, soonMs), signal).then(() => undefined);
    const first = await Promise.race([answer.then((value) => ({ value })), soon]);
    if (first) return first.value;
    const contract: Method = (await load())[method] as T[M];
    const leftMs = answerMsOf(contract, params, options) - (performance.now() - begun);
    const what = `${channel.server.name}'s answer to ${method}`;
    return await runWithDeadline(Math.max(0, leftMs), what, () => answer, options.signal);
  } finally {
    // The serving end is told to stop working where it hasn't answered; nothing happens where it has.
    over.abort(new DevlatchError("CANCELLED", `The request ${method} is over.`, "Nothing to do."));
  }
}

/** How long an answer is waited for, in milliseconds. */
function answerMsOf(contract: Method, params: unknown, { timeoutMs }: RequestOptions): number {
  const answerMs = deadlineOf(contract, params) + deadlineGraceMs;
  return Math.min(timeoutMs ?? answerMs, answerMs);
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
