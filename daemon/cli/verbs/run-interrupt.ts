import { withDeadline } from "../../../shared/base/deadline.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";
import type { RunStartResult } from "../../../shared/protocol/runs.ts";
import type { Context } from "../context.ts";
import { ask } from "./consent.ts";
import type { SteadyConnection } from "./steady-connection.ts";

/** How long stopping a run may take, in milliseconds. */
const stopTimeoutMs = 60_000;

/**
 * After a signal: an attached caller lets go of the run. The one who began it decides: at a terminal it is asked;
 * without one the signal means the run (a CI that cancels a job); a terminal that was closed means nothing.
 * @returns the error to end with
 */
export async function interrupted(
  connection: SteadyConnection,
  { outcome, run }: RunStartResult,
  context: Context,
): Promise<DevlatchError> {
  if (outcome !== "executed" || context.interrupts.received === "SIGHUP") return detached(run.key);
  if (context.output.dialogue) {
    const question = `\nStop the run ${run.key}, or leave it running? [s/L] `;
    // The signal that brought us here is spent; the next one ends the program.
    const answer = await ask(context, question, new AbortController().signal);
    if (!/^(s|stop|y|yes)$/i.test(answer ?? "")) return detached(run.key);
  }
  const signal = withDeadline(stopTimeoutMs, `Stopping the run ${run.key}`);
  const params = { cwd: context.cwd, key: run.key, launchId: run.launchId };
  await connection.request("run/stop", params, signal);
  return new DevlatchError("CANCELLED", `The run ${run.key} was stopped.`, "Run it again when you like.");
}

function detached(key: string): DevlatchError {
  return new DevlatchError(
    "CANCELLED",
    `Detached from the run ${key}; it goes on.`,
    `Attach again with the same command. Stop it with: devlatch run ${key} --stop`,
  );
}
