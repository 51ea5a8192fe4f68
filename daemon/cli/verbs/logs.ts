import { compilePattern } from "../../../shared/base/pattern.ts";
import type { ThreadMessage } from "../../../shared/model/thread.ts";
import { logs as logsOperation } from "../../../shared/operations/history.ts";
import type { OperationInput } from "../../../shared/operations/operations.ts";
import type { Context } from "../context.ts";
import { type Paint, printable } from "../output/style.ts";
import { type Followed, follow, refuseEnd } from "./follow.ts";
import { verb } from "./verb.ts";

export const logs = verb(logsOperation, async (input, context) => {
  // Said here, where the flag is: a daemon would name a field of the protocol.
  if (input.grep !== undefined) await compilePattern(input.grep, "--grep");
  if (input.follow) return followOutput(input, context);
  const page = await context.ask(logsOperation, input);
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

async function followOutput(input: OperationInput<"logs">, context: Context): Promise<undefined> {
  refuseEnd(input);
  const { method, params } = logsOperation;
  const request = params(input, context.caller);
  const messages: Followed<ThreadMessage> = {
    items: "messages",
    read: async (connection, place, signal) => {
      const page = await connection.request(method, { ...request, ...place }, { signal });
      return { items: page.messages, next: page.next };
    },
    print: (message) => printMessage(message, context),
  };
  return follow({ cursor: request.cursor, limit: request.limit }, messages, context);
}

function printMessage(message: ThreadMessage, context: Context): Promise<void> {
  const { output } = context;
  return output.line(output.json ? JSON.stringify(message) : messageText(message, output.paint));
}

/** A line of output as the server wrote it; what Devlatch did itself is marked. */
export function messageText({ kind, text }: ThreadMessage, paint: Paint): string {
  return kind === "output" ? printable(text) : paint("dim", `[devlatch] ${printable(text)}`);
}
