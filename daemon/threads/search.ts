import { setImmediate as nextTurn } from "node:timers/promises";
import type { ThreadMessage } from "../../shared/model/thread.ts";
import type { Matcher } from "./matcher.ts";
import type { MessageTable } from "./messages.ts";

/** Messages read and tested between two turns of the event loop. */
const batchSize = 2_000;

/**
 * Looks at the messages after `cursor`, in batches, until `limit` of them match or the thread ends.
 * @param check called with the cursor and the first sequence found after it, batch by batch: notices messages that
 *   were dropped before or while searching
 */
export async function scanForward(
  table: MessageTable,
  cursor: number,
  limit: number,
  matcher: Matcher,
  check: (cursor: number, first: number) => void,
  signal?: AbortSignal,
): Promise<{ found: ThreadMessage[]; lookedAt: number }> {
  const found: ThreadMessage[] = [];
  let lookedAt = cursor;
  for (;;) {
    signal?.throwIfAborted();
    const batch = table.after(lookedAt, batchSize);
    const first = batch[0];
    if (first === undefined) return { found, lookedAt };
    check(lookedAt, first.seq);
    const matches = matcher.test(batch.map(({ text }) => text));
    for (const [index, message] of batch.entries()) {
      lookedAt = message.seq;
      if (matches[index]) found.push(message);
      if (found.length === limit) return { found, lookedAt };
    }
    await nextTurn();
  }
}

/** The last `limit` matches before `seq`, ascending. */
export async function scanBackward(
  table: MessageTable,
  seq: number,
  limit: number,
  matcher: Matcher,
  signal?: AbortSignal,
): Promise<ThreadMessage[]> {
  const found: ThreadMessage[] = [];
  let before = seq;
  for (;;) {
    signal?.throwIfAborted();
    const batch = table.before(before, batchSize);
    const first = batch[0];
    if (first === undefined) return found.reverse();
    const matches = matcher.test(batch.map(({ text }) => text));
    for (const [index, message] of [...batch.entries()].reverse()) {
      if (matches[index]) found.push(message);
      if (found.length === limit) return found.reverse();
    }
    before = first.seq;
    await nextTurn();
  }
}
