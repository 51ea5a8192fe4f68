import { pause } from "../../../shared/base/deadline.ts";
import { isActive } from "../../../shared/model/session-state.ts";
import type { Context } from "../context.ts";
import { SteadyConnection } from "../verbs/steady-connection.ts";
import { leave } from "./leave.ts";
import type { Served } from "./served.ts";
import type { Stayed } from "./stayed.ts";

/** Pause between two looks whether it still runs, in milliseconds. */
const lookEveryMs = 2_000;

/** Stays with a server whose output isn't to be had here, until it ends or is left. It is never ended by that. */
export async function stayElsewhere({ app, sandboxId }: Served, context: Context): Promise<Stayed> {
  const { signal, output } = context;
  const connection = new SteadyConnection(context);
  try {
    for (;;) {
      const { sessions } = await connection.request("daemon/status", {}, signal);
      const view = sessions.find((one) => one.app === app && one.sandboxId === sandboxId);
      if (!view || !isActive(view.state)) return { kind: "ended", exit: { code: 0, signal: null } };
      await pause(lookEveryMs, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  const line = await leave({ app, stop: "none" }, context);
  if (line !== undefined) output.note(output.paintError("dim", line));
  return { kind: "left" };
}
