import { resolve } from "node:path";
import { fieldsOf } from "../arguments/flags.ts";
import type { Context } from "../context.ts";
import { topics } from "../help/topics.ts";
import type { LoadVerb } from "../verbs/verb.ts";
import { type Candidate, namesIn } from "./names.ts";
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

type Verbs = Readonly<Record<string, LoadVerb>>;

/**
 * The lines that the script of a shell reads: a word and, after a tab, a description; or `:files`, `:directories` or
 * `:command`, which leave it to the shell.
 * @param typed the words of the command line up to the cursor, without the program; the last may be empty
 */
export async function answerLines(typed: Typed, verbs: Verbs, context: Context): Promise<readonly string[]> {
  const [prefix, begun] = valueOfFlag(typed);
  const wanted = wantedAt(begun, await takenBy(begun, verbs));
  if (wanted.kind === "shell") return prefix === "" ? [`:${wanted.what}`] : [];
  const candidates = await candidatesOf(wanted, begun, verbs, context);
  return candidates
    .filter(({ value }) => plainWord.test(value) && value.startsWith(begun.current))
    .slice(0, mostOffered)
    .map(({ value, description }) => `${prefix}${value}\t${oneLine(description)}`);
}

/** `--kind=out` is the value `out` of `--kind`, and all that is offered begins with `--kind=`. */
function valueOfFlag({ before, current }: Typed): readonly [string, Typed] {
  const [, flag, value] = /^(--[a-z-]+)=(.*)$/.exec(current) ?? [];
  if (flag === undefined || value === undefined || before.includes("--")) return ["", { before, current }];
  return [`${flag}=`, { before: [...before, flag], current: value }];
}

async function takenBy({ before }: Typed, verbs: Verbs): Promise<Taken | undefined> {
  const name = before[verbAt(before)] ?? "";
  if (!Object.hasOwn(verbs, name)) return undefined;
  const { operation } = (await verbs[name]?.()) ?? {};
  if (operation === undefined) return undefined;
  const args = fieldsOf(operation.args).map((field) => {
    if (field.name === "topic") return { ...field, choices: [...Object.keys(topics), ...Object.keys(verbs)] };
    const isList = field.name === "app" && operation.apps === "several";
    return isList ? ({ ...field, kind: "array" } as const) : field;
  });
  return { args, options: fieldsOf(operation.options) };
}

async function candidatesOf(
  wanted: Exclude<Wanted, { kind: "shell" }>,
  { before, current }: Typed,
  verbs: Verbs,
  context: Context,
): Promise<readonly Candidate[]> {
  switch (wanted.kind) {
    case "verbs":
      return Promise.all(
        Object.entries(verbs)
          .filter(([value]) => value.startsWith(current))
          .map(async ([value, load]) => ({
            value,
            description: (await load()).operation.summary,
          })),
      );
    case "flags":
      return wanted.flags.map(({ flag, description }) => ({ value: flag, description }));
    case "words":
      return wanted.words.map((value) => ({ value, description: "" }));
    case "names":
      return namesIn(resolve(context.cwd, cwdIn(before) ?? "."), wanted.of, context);
  }
}

/** The first sentence, in characters that no shell makes anything of: these are our own words. */
function oneLine(description: string): string {
  const sentence = /^[^.:;\n]*/.exec(description)?.[0] ?? "";
  const plain = sentence.replaceAll(/[^\p{L}\p{N} ,()<>_'/-]/gu, "");
  if (plain.length <= longestDescription) return plain;
  return `${plain.slice(0, longestDescription).replace(/[ ,(]+[^ ]*$/, "")} …`;
}
