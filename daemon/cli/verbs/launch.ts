import { formatMs } from "../../../shared/base/deadline.ts";
import { randomToken } from "../../../shared/base/token.ts";
import type { Connection } from "../../../shared/client/connection.ts";
import type { OperationInput } from "../../../shared/operations/operations.ts";
import { defaultStartTimeoutMs, type Params, type StartResult } from "../../../shared/protocol/contract.ts";
import type { Context } from "../context.ts";
import type { Paint } from "../output/style.ts";
import { cancelledStart } from "./cancelled-start.ts";

/** What start, restart and try have in common. */
export type LaunchInput = OperationInput<"start">;

/** How much longer than the start itself the answer may take, in milliseconds: cleaning up, or stopping first. */
const answerGraceMs = { "session/start": 30_000, "session/restart": 60_000 } as const;

/**
 * Starts (or restarts) an app and shows how far it is.
 * @param cwd the directory whose app it is; by default the caller's
 * @throws DevlatchError what the daemon says; `CANCELLED` after Ctrl-C, once it is known what became of the server
 */
export async function launch(
  context: Context,
  method: "session/start" | "session/restart",
  input: LaunchInput & { readonly yes?: boolean | undefined },
  cwd = context.cwd,
): Promise<StartResult> {
  const connection = await context.ensure();
  const params = launchParams(context.env, input, cwd);
  const progress = context.output.progress();
  const subscription = connection.onNotification("start/progress", ({ progressToken, message }) => {
    if (progressToken === params.progressToken) progress.phase(message);
  });
  try {
    progress.phase(method === "session/start" ? `Starting ${input.app}` : `Restarting ${input.app}`);
    const result = await request(connection, method, params, input.yes === true, context.signal);
    if (result.notice) context.output.note(result.notice);
    return result;
  } catch (error) {
    if (!context.signal.aborted) throw error;
    progress.phase(`Cancelling the start of ${input.app} (Ctrl-C again: don't wait)`);
    throw await cancelledStart(connection, cwd, input.app);
  } finally {
    subscription.dispose();
    progress.done();
  }
}

function request(
  connection: Connection,
  method: "session/start" | "session/restart",
  params: LaunchParams,
  yes: boolean,
  signal: AbortSignal,
): Promise<StartResult> {
  const options = { signal, timeoutMs: params.timeoutMs + answerGraceMs[method] };
  return method === "session/start"
    ? connection.request(method, params, options)
    : connection.request(method, { ...params, yes }, options);
}

type LaunchParams = Params<"session/start"> & { readonly timeoutMs: number };

function launchParams(variables: NodeJS.ProcessEnv, input: LaunchInput, cwd: string): LaunchParams {
  const { app, command, port, onConflict, timeout, noWait } = input;
  const env = Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    cwd,
    app,
    ...(command ? { command } : {}),
    ...(port === undefined ? {} : { port }),
    onConflict: onConflict ?? "fail",
    wait: noWait !== true,
    timeoutMs: timeout === undefined ? defaultStartTimeoutMs : timeout * 1000,
    env: Object.fromEntries(env),
    progressToken: randomToken(),
  };
}

/** The result of a start in one sentence. */
export function launchText(result: StartResult, paint: Paint): string {
  const { app, outcome, state, url, elapsedMs } = result;
  const pid = result.pid === null ? "" : `, pid ${result.pid}`;
  if (state !== "ready" || url === null) return `${app} is ${state} (${outcome}${pid})`;
  const place = paint("bold", url);
  switch (outcome) {
    case "started":
      return `${app} is ready at ${place} (started in ${formatMs(elapsedMs)}${pid})`;
    case "reused":
      return `${app} is ready at ${place} (reused${pid})`;
    case "adopted":
      return `${app} is ready at ${place} (adopted: it was started outside Devlatch${pid})`;
  }
}
