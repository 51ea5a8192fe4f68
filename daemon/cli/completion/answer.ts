import { resolve } from "node:path";
import type { DeclaredVerbs } from "../arguments/declared.ts";
import { topics } from "../help/topics.ts";
import type { Output } from "../output/output.ts";
import { type Candidate, namesIn, type Surroundings } from "./names.ts";
import { cwdIn, type Taken, type Typed, verbAt, type Wanted, wantedAt } from "./wanted.ts";

/**
 * What every shell takes for one plain word: nothing else is offered, whatever a name is. What is inserted runs when Enter
 * is pressed, and not each shell quotes it.
 */
const plainWord = /^[A-Za-z0-9_.:/+-]{1,200}$/;
/** Of a description, in characters: with the word before it on one line of a terminal. */
const longestDescription = 54;
/** Most lines of an answer. */
const mostOffered = 500;

/**
 * The lines that the script of a shell reads: a word and, after a tab, a description; or `:files`, `:directories` or
 * `:command`, which leave it to the shell.
 * @param typed the words of the command line up to the cursor, without the program; the last may be empty
 */
export async function answerLines(
  typed: Typed,
  verbs: DeclaredVerbs,
  surroundings: Surroundings,
): Promise<readonly string[]> {
  const [prefix, begun] = valueOfFlag(typed);
  const name = begun.before[verbAt(begun.before)] ?? "";
  const wanted = wantedAt(begun, takenBy(name, verbs));
  if (wanted.kind === "shell") return prefix === "" ? [`:${wanted.what}`] : [];
  const candidates = await candidatesOf(wanted, begun, verbs, surroundings);
  return candidates
    .filter(({ value }) => plainWord.test(value) && value.startsWith(begun.current))
    .slice(0, mostOffered)
    .map(({ value, description }) => `${prefix}${value}\t${oneLine(description)}`);
}

/** What a verb takes: an app may be followed by others, and the pages of help are words of their own. */
function takenBy(name: string, verbs: DeclaredVerbs): Taken | undefined {
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  const pages = [...Object.keys(topics), ...Object.keys(verbs)];
  const args = verb?.args.map((field) => {
    if (field.name === "topic") return { ...field, choices: pages };
    return field.name === "app" && verb.apps === "several" ? { ...field, kind: "array" as const } : field;
  });
  return verb && args && { args, options: verb.options };
}

/** Prints them with their tabs, which text for people has none of. */
export async function printLines(lines: readonly string[], output: Output): Promise<void> {
  if (lines.length > 0) await output.raw(Buffer.from(`${lines.join("\n")}\n`));
}

/** `--kind=out` is the value `out` of `--kind`, and all that is offered begins with `--kind=`. */
function valueOfFlag({ before, current }: Typed): readonly [string, Typed] {
  const [, flag, value] = /^(--[a-z-]+)=(.*)$/.exec(current) ?? [];
  if (flag === undefined || value === undefined || before.includes("--")) return ["", { before, current }];
  return [`${flag}=`, { before: [...before, flag], current: value }];
}

async function candidatesOf(
  wanted: Exclude<Wanted, { kind: "shell" }>,
  { before, current }: Typed,
  verbs: DeclaredVerbs,
  surroundings: Surroundings,
): Promise<readonly Candidate[]> {
  switch (wanted.kind) {
    case "verbs":
      return Object.entries(verbs)
        .filter(([value]) => value.startsWith(current))
        .map(([value, { summary }]) => ({ value, description: summary }));
    case "flags":
      return wanted.flags.map(({ flag, description }) => ({ value: flag, description }));
    case "words":
      return wanted.words.map((value) => ({ value, description: "" }));
    case "names":
      return namesIn(resolve(surroundings.cwd, cwdIn(before) ?? "."), wanted.of, surroundings);
  }
}

/** The first sentence, in characters that no shell makes anything of: these are our own words. */
function oneLine(description: string): string {
  const sentence = /^[^.:;\n]*/.exec(description)?.[0] ?? "";
  const plain = sentence.replaceAll(/[^\p{L}\p{N} ,()<>_'/-]/gu, "");
  if (plain.length <= longestDescription) return plain;
  return `${plain.slice(0, longestDescription).replace(/[ ,(]+[^ ]*$/, "")} …`;
}
