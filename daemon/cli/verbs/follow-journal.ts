import * as z from "zod";
import { hasCode } from "../../../shared/base/errors.ts";
import type { JournalEntry } from "../../../shared/model/journal.ts";
import type { Params } from "../../../shared/protocol/contract.ts";
import type { Context } from "../context.ts";
import { reconnect } from "../reconnect.ts";

/** How long one request waits for an entry, in milliseconds. */
const waitMs = 25_000;
/** Entries asked for at once after the first page. */
const pageSize = 1_000;

const Expired = z.object({ oldest: z.int().nonnegative() });

/**
 * Prints entries as they come until interrupted. A daemon that ends meanwhile is no end: session hosts write on, and
 * the next daemon is asked for exactly what follows the last entry printed.
 * @throws DevlatchError what the daemon refuses; not `CANCELLED` for Ctrl-C, which is how following ends
 */
export async function followJournal(
  request: Params<"journal/read">,
  context: Context,
  print: (entry: JournalEntry) => Promise<void>,
): Promise<undefined> {
  const { signal, output } = context;
  let connection = await context.ensure();
  let next = request;
  try {
    for (;;) {
      try {
        const page = await connection.request("journal/read", { ...next, waitMs }, { signal });
        for (const entry of page.entries) {
          await print(entry);
          signal.throwIfAborted();
        }
        next = { ...request, cursor: page.next, limit: pageSize };
      } catch (error) {
        const oldest = next === request || signal.aborted ? undefined : oldestOf(error);
        if (oldest !== undefined) {
          output.note(`(entries up to ${oldest} are no longer kept; going on after them)`);
          next = { ...next, cursor: oldest };
          continue;
        }
        if (signal.aborted || !hasCode(error, "DAEMON_UNAVAILABLE")) throw error;
        connection.dispose();
        connection = await reconnect(context, signal, () =>
          output.note("The daemon was stopped; waiting until it runs again."),
        );
      }
    }
  } catch (error) {
    if (context.interrupts.received === "SIGINT") return undefined;
    throw error;
  }
}

/** Where to go on when what comes next was dropped faster than it was read, or lost with a damaged file. */
function oldestOf(error: unknown): number | undefined {
  return hasCode(error, "CURSOR_EXPIRED") ? Expired.safeParse(error.data).data?.oldest : undefined;
}
