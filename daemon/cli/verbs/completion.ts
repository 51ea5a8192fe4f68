import * as z from "zod";
import { steps } from "../../../shared/operations/operation.ts";
import { declaredBy } from "../arguments/declared-by.ts";
import { answerLines, printLines } from "../completion/answer.ts";
import { scripts } from "../completion/scripts.ts";
import { shells } from "../completion/shells.ts";
import { typedOf } from "../completion/wanted.ts";
import { type LoadVerb, type Verb, verb } from "./verb.ts";

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
    const lines = await answerLines(typedOf(command), await declaredBy(verbs), context).catch(() => []);
    if (!context.output.json) await printLines(lines, context.output);
    return { data: { lines }, text: "" };
  });
}
