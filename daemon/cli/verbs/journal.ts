import { DevlatchError } from "../../../shared/base/errors.ts";
import type { JournalEntry } from "../../../shared/model/journal.ts";
import { describeEvent } from "../../../shared/model/journal-words.ts";
import { operations } from "../../../shared/operations/operations.ts";
import { durationMs } from "../arguments/duration.ts";
import { localTime, type Paint, printable } from "../output/style.ts";
import { followJournal } from "./follow-journal.ts";
import { verb } from "./verb.ts";

export const journal = verb(operations.journal, async (input, context) => {
  const { cursor, before, limit, since, kind, follow } = input;
  if (follow && before !== undefined) throw followsForwards();
  const { output, signal } = context;
  const request = {
    ...(cursor === undefined ? {} : { cursor }),
    ...(before === undefined ? {} : { before }),
    ...(limit === undefined ? {} : { limit }),
    ...(since === undefined ? {} : { since: Date.now() - durationMs(since) }),
    ...(kind === undefined ? {} : { kinds: [kind] }),
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
    output.note(output.paintError("dim", `(earlier entries: devlatch journal --before ${first.seq})`));
  }
  const lines = page.entries.map((entry) => entryText(entry, output.paint));
  return { data: page, text: lines.length > 0 ? lines.join("\n") : "Nothing" };
});

/** One entry in one line, with day and time: who reads it at midnight must not guess which day it was. */
export function entryText({ seq, time, event }: JournalEntry, paint: Paint): string {
  return `${paint("dim", `${seq}  ${localTime(time)}`)}  ${printable(describeEvent(event))}`;
}

function followsForwards(): DevlatchError {
  return new DevlatchError(
    "INVALID_INPUT",
    "--follow goes forwards and --before goes backwards.",
    "Leave one of them out; --cursor says where to follow from.",
  );
}
