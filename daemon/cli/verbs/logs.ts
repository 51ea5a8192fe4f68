import { compilePattern } from "../../../shared/base/pattern.ts";
import { logsRequest } from "../../../shared/operations/history-requests.ts";
import { appsVerb } from "./apps-verb.ts";
import { followOutput, messageText } from "./follow-output.ts";
import { logsTogether, refuseCursors } from "./logs-together.ts";
import type { Report } from "./verb.ts";

const several = { of: "running", refuse: refuseCursors, together: logsTogether } as const;

const declared = async () => (await import("../../../shared/operations/history.ts")).logs;

export const logs = appsVerb(declared, several, async (input, context): Promise<Report | undefined> => {
  // Said here, where the flag is: a daemon would name a field of the protocol.
  if (input.grep !== undefined) await compilePattern(input.grep, "--grep");
  if (input.follow) return followOutput(input, context);
  const page = await context.ask(logsRequest, input);
  const { output } = context;
  const lines = page.messages.map((message) => messageText(message, output.paint));
  if (page.prev !== null && page.messages.length > 0) {
    const before = page.messages[0]?.seq;
    output.note(output.paintError("dim", `(for earlier messages add --before ${before})`));
  }
  return { data: page, text: lines.length > 0 ? lines.join("\n") : nothing(input) };
});

/** An empty page without a filter is an empty thread, or its end. */
function nothing({ grep, search, kind, since, until }: Record<string, unknown>): string {
  const isAny = (grep ?? search ?? kind ?? since ?? until) === undefined;
  return isAny ? "No output" : "Nothing matches";
}
