import { DevlatchError } from "../../../shared/base/errors.ts";
import { randomToken } from "../../../shared/base/token.ts";
import { request } from "../../../shared/operations/operation.ts";
import type { OperationInput } from "../../../shared/operations/operations.ts";
import { launchWords } from "../../../shared/operations/result-words.ts";
import { restartRequest, startRequest } from "../../../shared/operations/server-requests.ts";
import type { StartResult } from "../../../shared/protocol/methods.ts";
import type { Context } from "../context.ts";
import type { Output } from "../output/output.ts";
import { cancelledStart } from "./cancelled-start.ts";

const requests = { start: startRequest, restart: restartRequest } as const;

/**
 * Starts (or restarts) an app and shows how far it is.
 * @param cwd the directory whose app it is; by default the caller's
 * @throws DevlatchError what the daemon says; `CANCELLED` after Ctrl-C, once it is known what became of the server
 */
export async function launch(
  context: Context,
  operation: "start" | "restart",
  input: OperationInput<"restart">,
  cwd = context.cwd,
): Promise<StartResult> {
  const { app } = input;
  const caller = { ...context.caller, cwd, progressToken: randomToken() };
  const connection = await context.ensure();
  const progress = context.output.progress();
  const subscription = connection.onNotification("start/progress", ({ progressToken, message }) => {
    if (progressToken === caller.progressToken) progress.phase(message);
  });
  try {
    progress.phase(operation === "start" ? `Starting ${app}` : `Restarting ${app}`);
    const result = await request(requests[operation], input, caller, connection, context.signal);
    if (result.notice) context.output.note(result.notice);
    return result;
  } catch (error) {
    if (!context.signal.aborted) throw error;
    progress.phase(`Cancelling the start of ${app} (Ctrl-C again: don't wait)`);
    throw await cancelledStart(connection, cwd, app);
  } finally {
    subscription.dispose();
    progress.done();
  }
}

/** One port is one app's. @throws DevlatchError `INVALID_INPUT` */
export function refuseForSeveral({ port }: { readonly port?: number | undefined }): void {
  if (port === undefined) return;
  throw new DevlatchError(
    "INVALID_INPUT",
    "--port is one app's port, and several apps are meant.",
    "Name one app with it, or give each its own in devlatch.json.",
  );
}

/** The result of a start in one sentence; where little is to be said the address alone, for a script. */
export function resultText(result: StartResult, { quiet, paint }: Output): string {
  return quiet ? (result.url ?? "") : launchWords(result, (url) => paint("bold", url));
}
