import type { JournalEntry } from "../../../shared/model/journal.ts";
import { describeEvent } from "../../../shared/model/journal-words.ts";
import { operations } from "../../../shared/operations/operations.ts";
import { momentOf } from "../arguments/moment.ts";
import { localTime, type Paint, printable } from "../output/style.ts";
import { followJournal } from "./follow-journal.ts";
import { noEnd } from "./logs.ts";
import { verb } from "./verb.ts";

export const journal = verb(operations.journal, async (input, context) => {
  const { kind, follow, since, until, ...place } = input;
  if (follow && (place.before ?? until) !== undefined) throw noEnd();
  const { output, signal } = context;
  const now = Date.now();
  const request = {
    ...place,
    ...(kind === undefined ? {} : { kinds: [kind] }),
    since: momentOf("since", since, now),
    until: momentOf("until", until, now),
  };
  if (follow) {
    return followJournal(request, context, (entry) =>
      output.line(output.json ? JSON.stringify(entry) : entryText(entry, output.paint)),
    );
  }
  const connection = await context.ensure();
  const page = await connection.request("journal/read", request, { signal });
  const first = page.entries[0];
  if (page.prev !== null && first) {
    output.note(output.paintError("dim", `(for earlier entries add --before ${first.seq})`));
  }
  const lines = page.entries.map((entry) => entryText(entry, output.paint));
  return { data: page, text: lines.length > 0 ? lines.join("\n") : "Nothing" };
});

/** One entry in one line, with day and time: who reads it at midnight must not guess which day it was. */
export function entryText({ seq, time, event }: JournalEntry, paint: Paint): string {
  return `${paint("dim", `${seq}  ${localTime(time)}`)}  ${printable(describeEvent(event))}`;
}
