import * as z from "zod";
import { DevlatchError, hasCode } from "../../../shared/base/errors.ts";
import type { Connection } from "../../../shared/client/connection.ts";
import type { Context } from "../context.ts";
import { reconnect } from "../reconnect.ts";

/** How long one request waits for something new, in milliseconds. */
const waitMs = 25_000;
/** How much is asked for at once after the first page. */
const pageSize = 1_000;

/** Where the next page begins, and how it is asked for. */
export interface Place {
  readonly cursor?: number | undefined;
  readonly limit?: number | undefined;
  readonly waitMs?: number | undefined;
}

/** What is followed. */
export interface Followed<T> {
  /** One page: waits as long as it is told for something to be there. */
  read(
    connection: Connection,
    place: Place,
    signal: AbortSignal,
  ): Promise<{ readonly items: readonly T[]; readonly next: number }>;
  print(item: T): Promise<void>;
  /** Its items in words: `messages`. */
  readonly items: string;
}

const Expired = z.object({ oldest: z.int().nonnegative() });

/**
 * Prints what comes until interrupted. A daemon that ends meanwhile is no end: session hosts write on, and the next
 * daemon is asked for exactly what follows the last item printed. What was dropped before it was read is told.
 * @throws DevlatchError what the daemon refuses; not `CANCELLED` for Ctrl-C, which is how following ends
 */
export async function follow<T>(begin: Place, followed: Followed<T>, context: Context): Promise<undefined> {
  const { signal, output } = context;
  let connection = await context.ensure();
  let place = begin;
  try {
    for (;;) {
      try {
        const { items, next } = await followed.read(connection, { ...place, waitMs }, signal);
        for (const item of items) {
          await followed.print(item);
          signal.throwIfAborted();
        }
        place = { cursor: next, limit: pageSize };
      } catch (error) {
        // The first cursor is the user's: that it is too old is an error.
        const oldest = place === begin || signal.aborted ? undefined : oldestOf(error);
        if (oldest !== undefined) {
          output.note(`(${followed.items} up to ${oldest} are no longer kept; going on after them)`);
          place = { ...place, cursor: oldest };
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

/** Following has no end that could be asked for. @throws DevlatchError `INVALID_INPUT` */
export function refuseEnd({ before, until }: { before?: unknown; until?: unknown }): void {
  if (before === undefined && until === undefined) return;
  throw new DevlatchError(
    "INVALID_INPUT",
    "--follow goes on without end, so --before and --until don't go with it.",
    "Leave one of them out.",
  );
}

/** Where to go on when what comes next was dropped faster than it was read, or lost with a damaged file. */
function oldestOf(error: unknown): number | undefined {
  return hasCode(error, "CURSOR_EXPIRED") ? Expired.safeParse(error.data).data?.oldest : undefined;
}
