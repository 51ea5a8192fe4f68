import { hasCode, toErrorShape } from "../../../shared/base/errors.ts";
import { randomToken } from "../../../shared/base/token.ts";
import type { LiveClient } from "../../../shared/client/live-client.ts";
import { request } from "../../../shared/operations/operation.ts";
import { launchWords, stopWords } from "../../../shared/operations/result-words.ts";
import { restart, start, stop } from "../../../shared/operations/servers.ts";
import type { Context } from "../context.ts";
import type { Entry } from "./entries.ts";
import type { Below } from "./frame.ts";

export type Deed = "start" | "stop" | "restart";

/** What came of a deed: words, or a question whose answer decides. */
export type DeedResult = Extract<Below, { kind: "said" | "asks" }>;

/**
 * Does to one server what a key says. It isn't waited for until it is ready: how far it is is on the screen.
 * @param yes whether the person agreed to what {@link DeedResult} asked
 */
export async function perform(
  deed: Deed,
  { app, cwd }: Entry,
  yes: boolean,
  client: LiveClient,
  context: Context,
): Promise<DeedResult> {
  const caller = { ...context.caller, cwd, progressToken: randomToken() };
  try {
    const text = await words();
    return { kind: "said", text, failed: false };
  } catch (error) {
    const { message, remedy } = toErrorShape(error);
    if (!yes && hasCode(error, "CONSENT_REQUIRED"))
      return { kind: "asks", text: `${message}\nDo it all the same? y: yes, any other key: no` };
    return { kind: "said", text: `${message} ${remedy}`, failed: true };
  }

  async function words(): Promise<string> {
    if (deed === "stop") {
      const result = await request(stop, { app, yes }, caller, client, context.signal);
      return [stopWords(app, result), result.notice].filter(Boolean).join(". ");
    }
    const result =
      deed === "start"
        ? await request(start, { app, noWait: true }, caller, client, context.signal)
        : await request(restart, { app, noWait: true, yes }, caller, client, context.signal);
    return [launchWords(result), result.notice].filter(Boolean).join(". ");
  }
}
