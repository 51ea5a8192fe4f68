import * as z from "zod";
import { steps } from "../../../shared/operations/operation.ts";
import { answerLines } from "../completion/answer.ts";
import { scripts, shells } from "../completion/scripts.ts";
import type { Typed } from "../completion/wanted.ts";
import type { Context } from "../context.ts";
import { type LoadVerb, type Report, type Verb, verb } from "./verb.ts";

const declared = steps({
  summary: "Print the script that completes devlatch's words in a shell.",
  args: z.object({
    shell: z.enum(shells).describe("The shell that runs the script"),
    command: z
      .array(z.string())
      .optional()
      .describe("The script's own question: the words up to the cursor; prints what may stand there"),
  }),
  options: z.object({}),
  palette: null,
  requests: {},
});

/**
 * Prints a script, or what it asks for: that starts no daemon, and says nothing where something is wrong.
 * @param verbs those it completes
 */
export function completionOf(verbs: Readonly<Record<string, LoadVerb>>): Verb {
  return verb(declared, async ({ shell, command }, context) => {
    const script = scripts[shell];
    if (command === undefined) return { data: { shell, script }, text: script.trimEnd() };
    const lines = await answerLines(typedOf(command), verbs, context).catch(() => []);
    return report(lines, context);
  });
}

/** PowerShell can't hand on an empty word: it gives two quotes instead. */
function typedOf(words: readonly string[]): Typed {
  const current = words.at(-1) ?? "";
  return { before: words.slice(0, -1), current: current === '""' ? "" : current };
}

/** With their tabs, which text for people has none of. */
async function report(lines: readonly string[], { output }: Context): Promise<Report> {
  if (!output.json && lines.length > 0) await output.raw(Buffer.from(`${lines.join("\n")}\n`));
  return { data: { lines }, text: "" };
}
