import { withDeadline } from "../../../shared/base/deadline.ts";
import { toErrorShape } from "../../../shared/base/errors.ts";
import type { Connection } from "../../../shared/client/connection.ts";
import type { LeaveResult, UnusedEnd } from "../../../shared/protocol/usage.ts";
import type { Context } from "../context.ts";

/** How long the last user waits for the server's end, in milliseconds. */
const leaveMs = 60_000;
/** As many of those who use it still are named. */
const mostNamed = 3;

/** A server that is left: as which app it goes, and whether its last user ends it. */
export interface Left {
  readonly app: string;
  readonly stop: UnusedEnd;
}

/**
 * Leaves a server. Ctrl-C brought us here, so it counts no more; the next one ends the program, and the daemon does the
 * rest then.
 * @returns what became of the server, in one line; undefined where it didn't run any more
 */
export async function leave({ app, stop }: Left, context: Context): Promise<string | undefined> {
  const signal = withDeadline(leaveMs, `Leaving ${app}`);
  let connection: Connection | undefined;
  try {
    connection = await context.ensure(signal);
    const params = { cwd: context.cwd, app, stop };
    return leftText(app, await connection.request("session/leave", params, { signal, timeoutMs: leaveMs }));
  } catch (error) {
    const { message, remedy } = toErrorShape(error);
    return `devlatch: ${app} may run on: ${message} ${remedy}`;
  } finally {
    connection?.dispose();
  }
}

/** What became of a server when it was left, in one line. */
export function leftText(app: string, { outcome, byHand, others }: LeaveResult): string | undefined {
  if (outcome === "not_running") return undefined;
  if (outcome === "stopped") return `devlatch: ${app} was stopped: no one else used it.`;
  if (byHand) return `devlatch: left ${app}, which was started by hand and runs on.`;
  if (others.length === 0) return `devlatch: left ${app}, which runs on.`;
  const named = others.slice(0, mostNamed).map(({ label }) => label);
  const more = others.length > mostNamed ? ` and ${others.length - mostNamed} more` : "";
  return `devlatch: left ${app}, which runs on for ${named.join("; ")}${more}.`;
}
