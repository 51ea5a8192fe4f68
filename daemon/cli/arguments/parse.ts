import { Command, CommanderError } from "commander";
import { DevlatchError } from "../../../shared/base/errors.ts";
import { version } from "../../../shared/base/version.ts";
import { addVerb, type Invocation } from "./adapter.ts";
import type { DeclaredVerbs } from "./declared.ts";
import { lettersOf, splitTrailing } from "./words.ts";

/** What a command line means. */
export type Parsed =
  | { readonly kind: "run"; readonly invocation: Invocation; readonly cwd: string | undefined }
  /** Help or version: nothing to do but to print it. */
  | { readonly kind: "print"; readonly topic: "help" | "version"; readonly text: string };

/**
 * Reads a command line.
 * @param argv the words after the program's name
 * @param verbs what they declare
 * @param dress gives the program what only its help shows; not loaded where none is asked for
 * @throws DevlatchError `INVALID_INPUT` for anything the verbs don't declare
 */
export function parse(
  argv: readonly string[],
  verbs: DeclaredVerbs,
  dress: (program: Command) => void = () => {},
): Parsed {
  const { own: words, trailing } = splitTrailing(argv);
  const own = words.flatMap(lettersApart);
  let printed = "";
  let invocation: Invocation | undefined;
  const program = createProgram((text) => {
    printed += text;
  });
  for (const [name, declared] of Object.entries(verbs)) {
    addVerb(program, name, declared, trailing, (invoked) => {
      invocation = invoked;
    });
  }
  dress(program);
  try {
    program.parse(own, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.version") return { kind: "print", topic: "version", text: version };
    if (error.exitCode === 0) return { kind: "print", topic: "help", text: printed.trimEnd() };
    throw usageError(error, own, verbs);
  }
  if (!invocation) throw new DevlatchError("INVALID_INPUT", "No verb given.", "Run: devlatch --help");
  const cwd: unknown = program.getOptionValue("cwd");
  return { kind: "run", invocation, cwd: typeof cwd === "string" ? cwd : undefined };
}

/** The parser looks for a letter of all verbs only where it comes first: `-lq` is `-l -q`. */
function lettersApart(word: string): readonly string[] {
  const letters = lettersOf(word);
  return letters.length > 1 ? letters.map((letter) => `-${letter}`) : [word];
}

function createProgram(print: (text: string) => void): Command {
  return new Command("devlatch")
    .description("One dev server per app, shared by every window, terminal and agent.")
    .version(version, "-V, --version", "Show the version")
    .option("--json", "Print exactly one JSON document on standard output")
    .option("-q, --quiet", "Leave out progress and notes: results and errors alone")
    .option("--cwd <DIR>", "Work in this directory instead of the current one")
    .helpCommand(false)
    .configureOutput({ writeOut: print, writeErr: () => {} })
    .showSuggestionAfterError(true)
    .allowExcessArguments(false)
    .exitOverride();
}

function usageError(error: CommanderError, own: readonly string[], verbs: DeclaredVerbs): DevlatchError {
  const verb = own.find((word) => Object.hasOwn(verbs, word));
  const help = `Run: devlatch ${verb ? `${verb} ` : ""}--help`;
  if (error.code === "commander.help") return new DevlatchError("INVALID_INPUT", "No verb given.", help);
  const message = sentence(error.message.replace(/^error: /, "").replace(/\n\(/, " ("));
  const takesCommand = verb !== undefined && verbs[verb]?.args.some(({ name }) => name === "command");
  const isForeign = error.code === "commander.excessArguments" || error.code === "commander.unknownOption";
  const hint = takesCommand && isForeign ? "A command to run goes after --, with its own flags. " : "";
  return new DevlatchError("INVALID_INPUT", message, `${hint}${help}`);
}

function sentence(text: string): string {
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?)]$/.test(upper) ? upper : `${upper}.`;
}
