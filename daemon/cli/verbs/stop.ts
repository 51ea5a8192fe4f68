import { formatMs } from "../../../shared/base/deadline.ts";
import { stop as stopOperation } from "../../../shared/operations/servers.ts";
import type { StopResult } from "../../../shared/protocol/methods.ts";
import { withConsent } from "./consent.ts";
import { verb } from "./verb.ts";

export const stop = verb(stopOperation, async (input, context) => {
  const { app } = input;
  const connection = await context.ensure();
  const progress = context.output.progress();
  const work = (yes: boolean) => {
    progress.phase(`Stopping ${app}`);
    return context.ask(stopOperation, { ...input, yes }, connection).finally(() => progress.done());
  };
  const result = await withConsent(context, input.yes === true, work, "Stop it all the same?");
  if (result.notice) context.output.note(result.notice);
  return { data: result, text: stopText(app, result) };
});

function stopText(app: string, { outcome, elapsedMs }: StopResult): string {
  return outcome === "stopped" ? `${app} stopped in ${formatMs(elapsedMs)}` : `${app} wasn't running`;
}
