import { type ErrorShape, errorCodes, toErrorShape } from "../../shared/base/errors.ts";
import { type DeclaredVerbs, readDeclared } from "./arguments/declared.ts";
import type { Parsed } from "./arguments/parse.ts";
import { firstWord, wantsHelp, wantsJson, wantsQuiet } from "./arguments/words.ts";
import { Context } from "./context.ts";
import { Interrupts } from "./interrupts.ts";
import { Output, type Streams } from "./output/output.ts";
import { OwnStreams } from "./output/streams.ts";
import { verbs } from "./verbs/all.ts";

/** A spinner hides the cursor; an exit in its middle has to bring it back (DECTCEM). */
const showCursor = "\u001b[?25h";

/** Runs the command line of this process and ends it. */
export async function main(): Promise<void> {
  const streams = new OwnStreams();
  const interrupts = new Interrupts((code) => {
    if (streams.stderr.isTTY) streams.stderr.write(showCursor);
    process.exit(code);
  });
  const code = await run(process.argv.slice(2), streams, process.env, interrupts);
  // Everything was written by now. A daemon that doesn't answer the goodbye must not keep a finished command alive.
  process.exit(code);
}

/**
 * Does what a command line says.
 * @param argv the words after the program's name
 * @returns the exit code: 0, that of the error's code, or 128 + the signal that interrupted it
 */
async function run(
  argv: readonly string[],
  streams: Streams,
  env: NodeJS.ProcessEnv,
  interrupts: Interrupts,
): Promise<number> {
  const output = new Output(streams, env, { json: wantsJson(argv), quiet: wantsQuiet(argv) });
  try {
    return await perform(argv, env, output, interrupts);
  } catch (error) {
    const shape = toErrorShape(error);
    await output.error(shape);
    return exitCodeOf(shape, interrupts);
  }
}

async function perform(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  output: Output,
  interrupts: Interrupts,
): Promise<number> {
  const words = isBare(argv) ? [...argv, "overview"] : argv;
  const parsed = await read(words);
  if (parsed.kind === "print") {
    await output.result({ [parsed.topic]: parsed.text }, parsed.text);
    return 0;
  }
  const { invocation, cwd } = parsed;
  const context = new Context({ verb: invocation.verb, cwd, env, output, interrupts });
  try {
    const verb = await verbs[invocation.verb]?.();
    const report = await verb?.run(invocation, context);
    if (report) await output.result(report.data, report.text);
    return report?.exitCode ?? 0;
  } finally {
    context.dispose();
  }
}

/** Whether only where and how is said, and no verb. */
function isBare(argv: readonly string[]): boolean {
  const flags = argv.filter((word, index) => word !== "--cwd" && argv[index - 1] !== "--cwd");
  return flags.every((word) => ["--json", "--quiet", "-q"].includes(word));
}

async function read(argv: readonly string[]): Promise<Parsed> {
  const { parse } = await import("./arguments/parse.ts");
  // What only help shows is loaded for it alone.
  const dress = wantsHelp(argv) ? (await import("./help/dress.ts")).dress : undefined;
  return parse(argv, await declaredFor(argv), dress);
}

/** The verb that is named; all of them where none is, for the help or the answer that names the nearest. */
async function declaredFor(argv: readonly string[]): Promise<DeclaredVerbs> {
  const all = readDeclared() ?? (await readOffVerbs());
  const word = firstWord(argv);
  const named = word !== undefined && Object.hasOwn(all, word) ? all[word] : undefined;
  return word !== undefined && named ? { [word]: named } : all;
}

async function readOffVerbs(): Promise<DeclaredVerbs> {
  return (await import("./arguments/declared-by.ts")).declaredBy(verbs);
}

function exitCodeOf({ code }: ErrorShape, interrupts: Interrupts): number {
  return (code === "CANCELLED" ? interrupts.exitCode : undefined) ?? errorCodes[code];
}
