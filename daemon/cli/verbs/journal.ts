import type { JournalEntry } from "../../../shared/model/journal.ts";
import { describeEvent } from "../../../shared/model/journal-words.ts";
import { operations } from "../../../shared/operations/operations.ts";
import type { Params } from "../../../shared/protocol/contract.ts";
import { momentOf } from "../arguments/moment.ts";
import type { Context } from "../context.ts";
import { localTime, type Paint, printable } from "../output/style.ts";
import { type Followed, follow } from "./follow.ts";
import { noEnd } from "./logs.ts";
import { verb } from "./verb.ts";

export const journal = verb(operations.journal, async (input, context) => {
  const { kind, follow: goOn, since, until, ...place } = input;
  if (goOn && (place.before ?? until) !== undefined) throw noEnd();
  const { output, signal } = context;
  const now = Date.now();
  const request = {
    ...place,
    ...(kind === undefined ? {} : { kinds: [kind] }),
    since: momentOf("since", since, now),
    until: momentOf("until", until, now),
  };
  if (goOn) return followEntries(request, context);
  const connection = await context.ensure();
  const page = await connection.request("journal/read", request, { signal });
  const first = page.entries[0];
  if (page.prev !== null && first) {
    output.note(output.paintError("dim", `(for earlier entries add --before ${first.seq})`));
  }
  const lines = page.entries.map((entry) => entryText(entry, output.paint));
  return { data: page, text: lines.length > 0 ? lines.join("\n") : "Nothing" };
});

function followEntries(request: Params<"journal/read">, context: Context): Promise<undefined> {
  const { output } = context;
  const entries: Followed<JournalEntry> = {
    items: "entries",
    read: async (connection, place, signal) => {
      const page = await connection.request("journal/read", { ...request, ...place }, { signal });
      return { items: page.entries, next: page.next };
    },
    print: (entry) => output.line(output.json ? JSON.stringify(entry) : entryText(entry, output.paint)),
  };
  return follow({ cursor: request.cursor, limit: request.limit }, entries, context);
}

/** One entry in one line, with day and time: who reads it at midnight must not guess which day it was. */
export function entryText({ seq, time, event }: JournalEntry, paint: Paint): string {
  return `${paint("dim", `${seq}  ${localTime(time)}`)}  ${printable(describeEvent(event))}`;
}
