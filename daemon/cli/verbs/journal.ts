import type { JournalEntry } from "../../../shared/model/journal.ts";
import { describeEvent } from "../../../shared/model/journal-words.ts";
import { journal as journalOperation } from "../../../shared/operations/history.ts";
import type { OperationInput } from "../../../shared/operations/operations.ts";
import type { Context } from "../context.ts";
import { localTime, type Paint, printable } from "../output/style.ts";
import { type Followed, follow, refuseEnd } from "./follow.ts";
import { verb } from "./verb.ts";

export const journal = verb(journalOperation, async (input, context) => {
  if (input.follow) return followEntries(input, context);
  const { output } = context;
  const page = await context.ask(journalOperation, input);
  const first = page.entries[0];
  if (page.prev !== null && first) {
    output.note(output.paintError("dim", `(for earlier entries add --before ${first.seq})`));
  }
  const lines = page.entries.map((entry) => entryText(entry, output.paint));
  return { data: page, text: lines.length > 0 ? lines.join("\n") : "Nothing" };
});

async function followEntries(input: OperationInput<"journal">, context: Context): Promise<undefined> {
  refuseEnd(input);
  const { output } = context;
  const { method, params } = journalOperation;
  const request = params(input, context.caller);
  const entries: Followed<JournalEntry> = {
    items: "entries",
    read: async (connection, place, signal) => {
      const page = await connection.request(method, { ...request, ...place }, { signal });
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
