import { formatMs } from "../../../shared/base/deadline.ts";
import { stop as stopOperation } from "../../../shared/operations/servers.ts";
import type { StopResult } from "../../../shared/protocol/methods.ts";
import { appsVerb } from "./apps-verb.ts";
import { withConsent } from "./consent.ts";

/** Servers that use others are stopped before them. */
const several = { of: "running", after: "dependents", nothing: "No server of this project runs" } as const;

export const stop = appsVerb(stopOperation, several, async (input, context) => {
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

/** Why one that runs elsewhere wasn't stopped has been said. */
function stopText(app: string, { outcome, elapsedMs, notice }: StopResult): string {
  if (outcome === "stopped") return `${app} stopped in ${formatMs(elapsedMs)}`;
  return notice === undefined ? `${app} wasn't running` : "";
}
