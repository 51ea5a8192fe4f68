import { pause } from "../../../shared/base/deadline.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import type { Connection } from "../../../shared/client/connection.ts";
import { readDaemonState } from "../../../shared/client/state-file.ts";
import type { ThreadMessage } from "../../../shared/model/thread.ts";
import type { Params } from "../../../shared/protocol/contract.ts";
import type { Context } from "../context.ts";

/** How long one request waits for a message, in milliseconds. */
const waitMs = 25_000;
/** Messages asked for at once after the first page. */
const pageSize = 1_000;
/** Pause between two attempts to reach a daemon again, in milliseconds. */
const retryMs = 200;

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
        connection = await reconnect(context);
      }
    }
  } catch (error) {
    if (context.interrupts.received === "SIGINT") return undefined;
    throw error;
  }
}

/**
 * A daemon that crashed leaves its state file: the next one is started here. One that was stopped took the file
 * along: somebody wants it gone, so wait until another client starts it.
 */
async function reconnect(context: Context): Promise<Connection> {
  let told = false;
  for (;;) {
    try {
      return await (readDaemonState(context.home) ? context.ensure() : context.connect());
    } catch (error) {
      if (context.signal.aborted || !hasCode(error, "DAEMON_UNAVAILABLE")) throw error;
    }
    if (!told) context.output.note("The daemon was stopped; waiting until it runs again.");
    told = true;
    await pause(retryMs, context.signal);
  }
}
