import { metrics as metricsOperation } from "../../../shared/operations/locks.ts";
import { verb } from "./verb.ts";

/** Text for a scraper; with `--json` the monitor's view of all daemons on the store. */
export const metrics = verb(metricsOperation, async (_input, context) => {
  const { view, text: printed } = metricsOperation.requests;
  if (context.output.json) return { data: await context.ask(view, {}), text: "" };
  const { text } = await context.ask(printed, {});
  return { data: undefined, text: text.trimEnd() };
});
