import type { JournalEntry, JournalEvent } from "../../../shared/model/journal.ts";
import { operations } from "../../../shared/operations/operations.ts";
import { type Paint, printable } from "../output/style.ts";
import { verb } from "./verb.ts";

export const journal = verb(operations.journal, async ({ cursor, limit }, context) => {
  const connection = await context.ensure();
  const request = { ...(cursor === undefined ? {} : { cursor }), ...(limit === undefined ? {} : { limit }) };
  const page = await connection.request("journal/read", request, { signal: context.signal });
  const lines = page.entries.map((entry) => entryText(entry, context.output.paint));
  return { data: page, text: lines.length > 0 ? lines.join("\n") : "Nothing yet" };
});

/** One entry in one line. */
function entryText({ seq, time, event }: JournalEntry, paint: Paint): string {
  return `${paint("dim", `${seq} ${new Date(time).toISOString()}`)} ${printable(eventText(event))}`;
}

function eventText(event: JournalEvent): string {
  switch (event.kind) {
    case "signal": {
      const { by, signal, process } = event;
      const of = process.user === undefined ? "" : ` of ${process.user}`;
      return `${by} sent ${signal} to ${process.pid}${of}: ${process.command}`;
    }
    case "session": {
      const { session, sandboxId, state } = event;
      const why = state.kind === "failed" ? `: ${state.error.message}` : "";
      return `${session} in ${sandboxId} is ${state.kind}${why}`;
    }
    case "health":
      return `health of ${event.component}: ${event.from} → ${event.to}: ${event.summary}`;
  }
}
