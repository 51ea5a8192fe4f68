import type { Connection } from "../../../shared/client/connection.ts";
import { readDeclared } from "../arguments/declared.ts";
import { Output } from "../output/output.ts";
import { OwnStreams } from "../output/streams.ts";
import { answerLines, printLines } from "./answer.ts";
import type { Surroundings } from "./names.ts";
import { type Shell, shells } from "./shells.ts";
import { typedOf } from "./wanted.ts";

/**
 * Answers what the script of a shell asks while a person waits at the prompt, whose words are always the same:
 * `completion SHELL -- WORDS…`. From what the build has written down of the verbs: none of them is loaded, and what reaches
 * a daemon only where names are asked for.
 * @param argv the words after the program's name
 * @returns whether it is answered; not where they say something else, or that file is missing
 */
export async function answerAtPrompt(argv: readonly string[]): Promise<boolean> {
  const [, shell, dashes, ...words] = argv;
  if (dashes !== "--" || words.length === 0 || !shells.includes(shell as Shell)) return false;
  const verbs = readDeclared();
  if (verbs === undefined) return false;
  const output = new Output(new OwnStreams(), process.env, { json: false });
  const lines = await answerLines(typedOf(words), verbs, surroundings(output)).catch(() => []);
  await printLines(lines, output);
  return true;
}

function surroundings(output: Output): Surroundings {
  return { cwd: process.cwd(), connect: () => connect(output), signal: new AbortController().signal };
}

async function connect(output: Output): Promise<Connection> {
  const [{ Context }, { Interrupts }] = await Promise.all([
    import("../context.ts"),
    import("../interrupts.ts"),
  ]);
  const interrupts = new Interrupts((code) => process.exit(code));
  return new Context({ verb: "completion", cwd: undefined, env: process.env, output, interrupts }).connect();
}
