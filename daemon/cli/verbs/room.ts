import { DevlatchError, hasCode, toErrorShape } from "../../../shared/base/errors.ts";
import type { UnusedServer } from "../../../shared/model/budget.ts";
import { request } from "../../../shared/operations/operation.ts";
import { stopRequest } from "../../../shared/operations/server-requests.ts";
import type { Context } from "../context.ts";
import { printable, uncut } from "../output/style.ts";
import { confirm } from "./consent.ts";

/**
 * Starts something that servers may have no memory left for. A person at a terminal is offered to have the server stopped
 * that an agent left unused for the longest time, else to start beyond the budget; elsewhere only `--over-budget` will do.
 * @throws DevlatchError `OVER_BUDGET` without a terminal to ask on, or when both answers were no
 */
export async function withRoom<T>(
  context: Context,
  overBudget: boolean,
  work: (overBudget: boolean) => Promise<T>,
): Promise<T> {
  try {
    return await work(overBudget);
  } catch (error) {
    const { dialogue } = context.output;
    const offer = hasCode(error, "OVER_BUDGET") ? await unusedServer(error.data) : undefined;
    if (!dialogue || !offer) throw error;
    const told = { ...toErrorShape(error), remedy: "" };
    const { errorText } = await import("../output/error-text.ts");
    context.output.ask(errorText(told, uncut(context.output.paintError)));
    const { app, root, startedBy } = offer;
    const which = `${app} of ${printable(root)}, which ${printable(startedBy)} left unused`;
    if (await confirm(context, `Stop ${which}?`)) {
      const connection = await context.ensure();
      await request(stopRequest, { app, yes: false }, { cwd: root }, connection, context.signal);
      return withRoom(context, overBudget, work);
    }
    if (await confirm(context, "Start it all the same?")) return work(true);
    throw new DevlatchError("OVER_BUDGET", "Nothing was done.", toErrorShape(error).remedy);
  }
}

/** The server that the daemon's answer says could be stopped to make room. */
async function unusedServer(data: unknown): Promise<UnusedServer | undefined> {
  const { OverBudget } = await import("../../../shared/model/budget.ts");
  return OverBudget.safeParse(data).data?.unused;
}
