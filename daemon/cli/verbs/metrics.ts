import { operations } from "../../../shared/operations/operations.ts";
import { verb } from "./verb.ts";

/** Text for a scraper; with `--json` the monitor's view of all daemons on the store. */
export const metrics = verb(operations.metrics, async (_input, context) => {
  const connection = await context.ensure();
  const options = { signal: context.signal };
  if (context.output.json) {
    return { data: await connection.request("monitor/concurrency", {}, options), text: "" };
  }
  const { text } = await connection.request("monitor/metrics", {}, options);
  return { data: undefined, text: text.trimEnd() };
});
