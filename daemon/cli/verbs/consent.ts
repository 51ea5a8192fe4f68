import { createInterface } from "node:readline/promises";
import { DevlatchError, hasCode, toErrorShape } from "../../../shared/base/errors.ts";
import type { Context } from "../context.ts";
import { shown, uncut } from "../output/style.ts";

/**
 * Does something that may end processes which aren't Devlatch's, or take a lock away. If the daemon wants consent, a
 * person at a terminal is shown what it concerns and asked; elsewhere only `--yes` will do.
 * @throws DevlatchError `CONSENT_REQUIRED` without a terminal to ask on, or when the answer was no
 */
export async function withConsent<T>(
  context: Context,
  yes: boolean,
  work: (yes: boolean) => Promise<T>,
  question = "End it?",
): Promise<T> {
  try {
    return await work(yes);
  } catch (error) {
    const { dialogue } = context.output;
    if (yes || !dialogue || !hasCode(error, "CONSENT_REQUIRED")) throw error;
    const { errorText } = await import("../output/error-text.ts");
    context.output.ask(errorText({ ...toErrorShape(error), remedy: "" }, uncut(context.output.paintError)));
    if (await confirm(context, question)) return work(true);
    throw new DevlatchError("CONSENT_REQUIRED", "Nothing was done.", error.remedy);
  }
}

/** Asks the person at the terminal; anything but a clear yes is a no, and so is a terminal that doesn't answer. */
export async function confirm(context: Context, question: string): Promise<boolean> {
  const answer = await ask(context, `${question} [y/N] `, context.signal);
  return /^y(es)?$/i.test(answer ?? "");
}

/**
 * Asks the person at the terminal.
 * @returns the answer, trimmed; undefined where there is no terminal, or the input ended
 * @throws the signal's reason
 */
export async function ask(
  context: Context,
  question: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { dialogue } = context.output;
  if (!dialogue) return undefined;
  const readline = createInterface(dialogue);
  const abandoned = new AbortController();
  // In a terminal readline reads Ctrl-C as a key, and Ctrl-D ends the input: the question would never settle.
  readline.on("SIGINT", () => context.interrupts.interrupt());
  readline.on("close", () => abandoned.abort());
  try {
    const either = AbortSignal.any([signal, abandoned.signal]);
    return (await readline.question(shown(question), { signal: either })).trim();
  } catch (error) {
    if (abandoned.signal.aborted && !signal.aborted) return undefined;
    throw signal.aborted ? signal.reason : error;
  } finally {
    readline.close();
  }
}
