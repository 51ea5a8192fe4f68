import { setImmediate as turn } from "node:timers/promises";
import type { OutputEvent, OutputEventPage } from "../../shared/model/output.ts";
import type { ThreadMessage, ThreadPage } from "../../shared/model/thread.ts";
import { type OutputProject, OutputReader } from "./output-reader.ts";
import type { Signal } from "./signals.ts";

/** Messages before the cursor that are read again, so that what began before it is known. */
const contextMessages = 100;
/** Messages looked at for the last events, where no cursor is given. */
const lastMessages = 5_000;
/** Messages read at once. */
const batch = 200;
/** How long one page may take, in milliseconds; what is left is the next page's. */
const pageMs = 100;
/** An error that is the last thing said counts as complete after this time, in milliseconds. */
const completeMs = 500;

/** The part of a thread's reader that events need. */
export interface EventThread {
  /** @throws DevlatchError `CURSOR_EXPIRED` */
  page(request: { cursor?: number; limit: number }, signal: AbortSignal): Promise<ThreadPage>;
  after(cursor: number, limit: number): readonly ThreadMessage[];
  lastSeq(): number;
}

export interface EventRequest {
  /** Events after this sequence; absent: the last ones. */
  readonly cursor?: number | undefined;
  readonly limit: number;
  readonly kinds?: ReadonlySet<OutputEvent["kind"]> | undefined;
  /** Where the server runs. */
  readonly project?: OutputProject;
}

/**
 * One page of events. They are read from the thread anew each time: nothing is kept for it, and launches that are over
 * are there, too. Pages read one after another, each with the `next` of the one before, give every event once.
 * @param now milliseconds since the epoch
 * @throws DevlatchError `CURSOR_EXPIRED`, `STORE_UNAVAILABLE`, the signal's reason
 */
export async function readEvents(
  thread: EventThread,
  request: EventRequest,
  now: () => number,
  signal: AbortSignal,
): Promise<OutputEventPage> {
  const last = thread.lastSeq();
  const from = request.cursor ?? Math.max(0, last - lastMessages);
  // For the check of the cursor: messages that are no longer kept are said to be missing, never left out.
  if (request.cursor !== undefined) await thread.page({ cursor: request.cursor, limit: 1 }, signal);
  const fits = (event: OutputEvent) => request.kinds?.has(event.kind) ?? true;
  const keep = request.cursor === undefined ? Number.POSITIVE_INFINITY : request.limit;
  const { events, next } = await scan(thread, { from, keep, fits, now, project: request.project }, signal);
  return { events: request.cursor === undefined ? events.slice(-request.limit) : events, next };
}

interface Scan {
  readonly from: number;
  readonly keep: number;
  fits(event: OutputEvent): boolean;
  now(): number;
  readonly project: OutputProject | undefined;
}

async function scan(
  thread: EventThread,
  { from, keep, fits, now, project }: Scan,
  signal: AbortSignal,
): Promise<OutputEventPage> {
  const reader = new OutputReader(project);
  const events: OutputEvent[] = [];
  const until = performance.now() + (keep === Number.POSITIVE_INFINITY ? 10 * pageMs : pageMs);
  let cursor = Math.max(0, from - contextMessages);
  for (;;) {
    signal.throwIfAborted();
    const messages = thread.after(cursor, batch);
    const end = messages.at(-1);
    if (end) cursor = end.seq;
    const signals = reader.push(messages.filter(({ kind }) => kind === "output"));
    const isOver = messages.length < batch;
    if (isOver && now() - timeOf(thread, cursor) > completeMs) signals.push(...reader.flush());
    events.push(...signals.filter(isEvent).filter((event) => event.seq > from && fits(event)));
    // What isn't complete yet is the next page's, with all that was said after it began.
    const complete = Math.max(from, (reader.pendingSince ?? cursor + 1) - 1);
    const page = inOrder(events, complete);
    if (page.length >= keep) return { events: page.slice(0, keep), next: page[keep - 1]?.seq ?? complete };
    if (isOver || performance.now() > until) return { events: page, next: complete };
    await turn();
  }
}

/**
 * Signals come in the order in which they are complete, which isn't that of their lines where parts of a server speak
 * at once.
 */
function inOrder(events: readonly OutputEvent[], last: number): OutputEvent[] {
  return events.filter(({ seq }) => seq <= last).sort((a, b) => a.seq - b.seq);
}

function timeOf(thread: EventThread, seq: number): number {
  return thread.after(seq - 1, 1)[0]?.time ?? 0;
}

function isEvent(signal: Signal): signal is OutputEvent {
  return signal.kind !== "served" && signal.kind !== "failed" && signal.kind !== "restarted";
}
