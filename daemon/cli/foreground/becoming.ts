import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import { styleText } from "node:util";
import { shellWord } from "../../../shared/base/shell-word.ts";
import type { Context } from "../context.ts";
import { takesColours } from "../output/colours.ts";
import { shown } from "../output/style.ts";
import type { Report } from "../verbs/verb.ts";
import { type Aside, asideText } from "./aside.ts";
import { becomeCommand, exitCodeOf, runCommand } from "./command.ts";

const stderr = 2;

/**
 * This process becomes the command, or runs it as its child where it can't, and says once why.
 * @returns where it was a child: its end
 */
export async function becoming(words: readonly string[], aside: Aside, context: Context): Promise<Report> {
  const { cwd, env, output, interrupts } = context;
  const text = asideText(aside, words.map(shellWord).join(" "));
  if (text !== undefined && !output.quiet) tell(text, env);
  const command = { words, cwd, env };
  becomeCommand(command, output.changed);
  const exitCode = exitCodeOf(await runCommand(command, interrupts));
  return { data: { exitCode }, text: "", exitCode };
}

/** Straight to the descriptor: as a stream it would be opened. A reader that is gone has no need of it. */
function tell(text: string, env: NodeJS.ProcessEnv): void {
  const isDim = takesColours(isatty(stderr), env);
  const line = isDim ? styleText("dim", shown(text), { validateStream: false }) : shown(text);
  try {
    writeSync(stderr, `${line}\n`);
  } catch {}
}
