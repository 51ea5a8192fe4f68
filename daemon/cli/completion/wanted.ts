import { type Field, flagName } from "../arguments/field.ts";

/** What may stand at the cursor. */
export type Wanted =
  | { readonly kind: "verbs" }
  | { readonly kind: "flags"; readonly flags: readonly Flag[] }
  /** One of a few words. */
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "names"; readonly of: Names }
  /** What the shell itself knows: its files and directories, or a command line of its own, behind `--`. */
  | { readonly kind: "shell"; readonly what: "files" | "directories" | "command" };

/** What only a daemon can name. */
export type Names = "apps" | "runs" | "sandboxes";

/** A flag as it is offered. */
interface Flag {
  readonly flag: string;
  readonly description: string;
}

/** What a verb takes. */
export interface Taken {
  readonly args: readonly Field[];
  readonly options: readonly Field[];
}

/** A command line up to the cursor, without the program. */
export interface Typed {
  /** The words before the one at the cursor. */
  readonly before: readonly string[];
  /** The beginning of the one at the cursor; may be empty. */
  readonly current: string;
}

const everywhere: readonly Flag[] = [
  { flag: "--json", description: "Print exactly one JSON document" },
  { flag: "--quiet", description: "Leave out progress and notes" },
  { flag: "--cwd", description: "Work in this directory" },
  { flag: "--help", description: "Show help" },
];
const withoutVerb: readonly Flag[] = [...everywhere, { flag: "--version", description: "Show the version" }];
/** PowerShell can't hand on an empty word: it gives two quotes instead. */
export function typedOf(words: readonly string[]): Typed {
  const current = words.at(-1) ?? "";
  return { before: words.slice(0, -1), current: current === '""' ? "" : current };
}

const nothing: Wanted = { kind: "words", words: [] };

/** Where the verb stands among the words; -1 where none is there yet. */
export function verbAt(before: readonly string[]): number {
  return before.findIndex((word, index) => !word.startsWith("-") && before[index - 1] !== "--cwd");
}

/** The directory that `--cwd` names; undefined where it doesn't. */
export function cwdIn(before: readonly string[]): string | undefined {
  const at = before.lastIndexOf("--cwd");
  return at < 0 ? undefined : before[at + 1];
}

/**
 * What may stand at the cursor.
 * @param taken what the verb that stands there takes; undefined without one, or one that doesn't exist
 */
export function wantedAt({ before, current }: Typed, taken: Taken | undefined): Wanted {
  if (before.includes("--")) {
    const takesCommand = taken?.args.some(isCommand);
    return takesCommand ? { kind: "shell", what: "command" } : nothing;
  }
  if (before.at(-1) === "--cwd") return { kind: "shell", what: "directories" };
  if (verbAt(before) < 0)
    return current.startsWith("-") ? { kind: "flags", flags: withoutVerb } : { kind: "verbs" };
  return taken === undefined ? nothing : wantedOf(taken, { before, current });
}

function wantedOf({ args, options }: Taken, { before, current }: Typed): Wanted {
  const option = options.find((one) => takesValue(one) && flagName(one.name) === before.at(-1));
  if (option) return wantedFor(option);
  const words = before.slice(verbAt(before) + 1);
  const field = argumentAt(args, positional(words, options));
  if (current.startsWith("-") || field === undefined) return flagsOf(options, words);
  return wantedFor(field);
}

/** The words that are no flags, and no values of flags. */
function positional(words: readonly string[], options: readonly Field[]): readonly string[] {
  const valued = new Set(["--cwd", ...options.filter(takesValue).map(({ name }) => flagName(name))]);
  return words.filter((word, index) => !word.startsWith("-") && !valued.has(words[index - 1] ?? ""));
}

/** The argument that follows these; a list takes all that is left. */
function argumentAt(args: readonly Field[], given: readonly string[]): Field | undefined {
  const own = args.filter((field) => !isCommand(field));
  const last = own.at(-1);
  return own[given.length] ?? (last?.kind === "array" ? last : undefined);
}

function wantedFor({ name, choices }: Field): Wanted {
  if (choices) return { kind: "words", words: choices };
  if (name === "app" || name === "apps") return { kind: "names", of: "apps" };
  if (name === "key") return { kind: "names", of: "runs" };
  if (name === "sandbox") return { kind: "names", of: "sandboxes" };
  return name === "output" ? { kind: "shell", what: "files" } : nothing;
}

/** Those that aren't given yet, or may be repeated. */
function flagsOf(options: readonly Field[], words: readonly string[]): Wanted {
  const own = options
    .filter((option) => option.kind === "array" || !words.includes(flagName(option.name)))
    .map(({ name, description }) => ({ flag: flagName(name), description }));
  return { kind: "flags", flags: [...own, ...everywhere.filter(({ flag }) => !words.includes(flag))] };
}

function takesValue({ kind }: Field): boolean {
  return kind !== "boolean";
}

/** What follows `--`. */
function isCommand({ name, kind }: Field): boolean {
  return kind === "array" && name === "command";
}
