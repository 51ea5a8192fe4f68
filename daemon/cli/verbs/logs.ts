import { DevlatchError } from "../../../shared/base/errors.ts";
import type { ThreadMessage } from "../../../shared/model/thread.ts";
import { operations } from "../../../shared/operations/operations.ts";
import type { Params } from "../../../shared/protocol/contract.ts";
import { momentOf } from "../arguments/moment.ts";
import type { Context } from "../context.ts";
import { type Paint, printable } from "../output/style.ts";
import { type Followed, follow } from "./follow.ts";
import { verb } from "./verb.ts";

export const logs = verb(operations.logs, async (input, context) => {
  const { app, follow: goOn, kind, since, until, ...place } = input;
  if (place.grep !== undefined) checkPattern(place.grep);
  if (goOn && (place.before ?? until) !== undefined) throw noEnd();
  const now = Date.now();
  const request = {
    cwd: context.cwd,
    app,
    ...place,
    ...(kind === undefined ? {} : { kinds: [kind] }),
    since: momentOf("since", since, now),
    until: momentOf("until", until, now),
  };
  if (goOn) return followOutput(request, context);
  const connection = await context.ensure();
  const page = await connection.request("session/logs", request, { signal: context.signal });
  const { output } = context;
  const lines = page.messages.map((message) => messageText(message, output.paint));
  if (page.prev !== null && page.messages.length > 0) {
    const before = page.messages[0]?.seq;
    output.note(output.paintError("dim", `(for earlier messages add --before ${before})`));
  }
  return { data: page, text: lines.length > 0 ? lines.join("\n") : nothing(input) };
});

/** Said here, where the flag is: a daemon would name a field of the protocol. */
function checkPattern(grep: string): void {
  try {
    new RegExp(grep);
  } catch (cause) {
    throw new DevlatchError(
      "INVALID_INPUT",
      `--grep isn't a regular expression: ${cause instanceof Error ? cause.message : cause}.`,
      "Escape special characters with a backslash.",
      { cause },
    );
  }
}

/** An empty page without a filter is an empty thread, or its end. */
function nothing({ grep, search, kind, since, until }: Record<string, unknown>): string {
  const isAny = (grep ?? search ?? kind ?? since ?? until) === undefined;
  return isAny ? "No output" : "Nothing matches";
}

/** Following has no end that could be asked for. */
export function noEnd(): DevlatchError {
  return new DevlatchError(
    "INVALID_INPUT",
    "--follow goes on without end, so --before and --until don't go with it.",
    "Leave one of them out.",
  );
}

function followOutput(request: Params<"session/logs">, context: Context): Promise<undefined> {
  const messages: Followed<ThreadMessage> = {
    items: "messages",
    read: async (connection, place, signal) => {
      const page = await connection.request("session/logs", { ...request, ...place }, { signal });
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
