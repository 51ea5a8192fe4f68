import { hasCode } from "../../../shared/base/errors.ts";
import type { ThreadMessage } from "../../../shared/model/thread.ts";
import type { Params } from "../../../shared/protocol/contract.ts";
import type { Context } from "../context.ts";
import { reconnect } from "../reconnect.ts";

/** How long one request waits for a message, in milliseconds. */
const waitMs = 25_000;
/** Messages asked for at once after the first page. */
const pageSize = 1_000;

/**
 * Prints messages as they come until interrupted. A daemon that ends meanwhile is no end: the session host writes on,
 * and the next daemon is asked for exactly what follows the last message printed.
 * @throws DevlatchError what the daemon refuses; not `CANCELLED` for Ctrl-C, which is how following ends
 */
export async function follow(
  request: Params<"session/logs">,
  context: Context,
  print: (message: ThreadMessage) => Promise<void>,
): Promise<undefined> {
  const { signal } = context;
  let connection = await context.ensure();
  let next: Params<"session/logs"> = request;
  try {
    for (;;) {
      try {
        const page = await connection.request("session/logs", { ...next, waitMs }, { signal });
        for (const message of page.messages) {
          await print(message);
          signal.throwIfAborted();
        }
        next = { ...request, cursor: page.next, limit: pageSize };
      } catch (error) {
        if (signal.aborted || !hasCode(error, "DAEMON_UNAVAILABLE")) throw error;
        connection.dispose();
        connection = await reconnect(context, signal, () =>
          context.output.note("The daemon was stopped; waiting until it runs again."),
        );
      }
    }
  } catch (error) {
    if (context.interrupts.received === "SIGINT") return undefined;
    throw error;
  }
}
