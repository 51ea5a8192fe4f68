import { locks as locksOperation, metrics as metricsOperation } from "../../../shared/operations/locks.ts";
import { locksText } from "../output/locks-text.ts";
import { alertText } from "./alert-text.ts";
import { breakLock } from "./break-lock.ts";
import { verb } from "./verb.ts";
import { watchLocks } from "./watch-locks.ts";

export const locks = verb(locksOperation, async (input, context) => {
  const { output } = context;
  if (input.break !== undefined) return breakLock(input.break, input.yes ?? false, context);
  if (input.watch) return watchLocks(context);
  const connection = await context.ensure();
  const held = await context.ask(locksOperation.requests.list, {}, connection);
  if (output.json) return { data: held, text: "" };
  const { alerts } = await context.ask(metricsOperation.requests.view, {}, connection);
  return {
    data: held,
    text: [locksText(held, output.paint), ...alerts.map((alert) => alertText(alert, output.paint))].join(
      "\n\n",
    ),
  };
});
