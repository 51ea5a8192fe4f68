import { formatMs } from "../../../shared/base/deadline.ts";
import { operations } from "../../../shared/operations/operations.ts";
import type { StopResult } from "../../../shared/protocol/contract.ts";
import { withConsent } from "./consent.ts";
import { verb } from "./verb.ts";

const defaultTimeoutMs = 30_000;
/** How much longer than the stop itself the answer may take, in milliseconds. */
const answerGraceMs = 10_000;

export const stop = verb(operations.stop, async ({ app, yes, timeout }, context) => {
  const connection = await context.ensure();
  const timeoutMs = Math.min(timeout === undefined ? defaultTimeoutMs : timeout * 1000, 600_000);
  const progress = context.output.progress();
  const work = async (consent: boolean) => {
    progress.phase(`Stopping ${app}`);
    const params = { cwd: context.cwd, app, yes: consent, timeoutMs };
    const options = { signal: context.signal, timeoutMs: timeoutMs + answerGraceMs };
    try {
      return await connection.request("session/stop", params, options);
    } finally {
      progress.done();
    }
  };
  const result = await withConsent(context, yes === true, work, "Stop it all the same?");
  if (result.notice) context.output.note(result.notice);
  return { data: result, text: stopText(app, result) };
});

function stopText(app: string, { outcome, elapsedMs }: StopResult): string {
  return outcome === "stopped" ? `${app} stopped in ${formatMs(elapsedMs)}` : `${app} wasn't running`;
}
