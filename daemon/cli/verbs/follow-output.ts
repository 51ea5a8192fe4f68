import type { ThreadMessage } from "../../../shared/model/thread.ts";
import { logsRequest } from "../../../shared/operations/history-requests.ts";
import type { OperationInput } from "../../../shared/operations/operations.ts";
import type { Context } from "../context.ts";
import { type Paint, printable } from "../output/style.ts";
import type { Followed } from "./follow.ts";

/**
 * Prints what an app writes until interrupted.
 * @param print by default each message as a line of its own
 * @throws DevlatchError as {@link follow}
 */
export async function followOutput(
  input: OperationInput<"logs">,
  context: Context,
  print = (message: ThreadMessage) => printMessage(message, context),
): Promise<undefined> {
  const { follow, refuseEnd } = await import("./follow.ts");
  refuseEnd(input);
  const { method, params } = logsRequest;
  const request = params(input, context.caller);
  const messages: Followed<ThreadMessage> = {
    items: "messages",
    read: async (connection, place, signal) => {
      const page = await connection.request(method, { ...request, ...place }, { signal });
      return { items: page.messages, next: page.next };
    },
    print,
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
