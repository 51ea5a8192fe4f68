import { getNodeValue, type Node } from "jsonc-parser";
import type { ConfigIssue } from "./config-issues.ts";
import { portPlaceholder } from "./ports.ts";
import { splitCommandLine, takeAssignments } from "./shell-list.ts";

/** The `command` of an app, split into words, or why it can't be used. */
export type CommandReading =
  | {
      readonly kind: "words";
      readonly words: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    }
  | { readonly kind: "refused"; readonly what: string; readonly remedy: string; readonly part?: Part };

/** The part of a command line that is refused; absent: all of it. */
interface Part {
  readonly offset: number;
  readonly length: number;
}

/** Reads a command as `devlatch.json` has it: a line, split as a shell would, or words. */
export function readCommand(command: string | readonly string[]): CommandReading {
  if (typeof command !== "string") {
    const { words, env } = takeAssignments(command);
    if (words[0]) return { kind: "words", words, env };
    return { kind: "refused", what: "names no program", remedy: "Write the program first." };
  }
  const split = splitCommandLine(command);
  switch (split.kind) {
    case "words":
      return split;
    case "empty":
      return {
        kind: "refused",
        what: "names no program",
        remedy: "Write the program and its arguments.",
      };
    case "unclosed":
      return {
        kind: "refused",
        what: `has a ${split.quote} that is never closed`,
        remedy: "Close the quote.",
        part: { offset: split.offset, length: command.length - split.offset },
      };
    case "needs-shell":
      return {
        kind: "refused",
        what: `needs a shell for ${split.what}, and commands run without one`,
        remedy: `${wantsPort(split.what) ? `Write ${portPlaceholder} where the port goes: it is put in without a shell. Or put` : "Put"} the line into a script of package.json and run that, or use ["sh", "-c", ${JSON.stringify(command)}]. A character that is meant literally goes into quotes.`,
        part: partOf(command, split),
      };
  }
}

function wantsPort(what: string): boolean {
  return /^\$\{?\w*PORT\b/.test(what);
}

/** An expansion stands somewhere in its word, an operator where it was found. */
function partOf(command: string, { what, offset }: { what: string; offset: number }): Part {
  const found = command.indexOf(what, offset);
  return found < 0 ? { offset, length: 1 } : { offset: found, length: what.length };
}

/**
 * What is wrong with a command, at its exact place; nothing for a value of a wrong type, which is the schema's matter.
 * @param name what it is called in the file: `apps.web.command`
 * @param node its value
 * @param text the file it stands in
 */
export function commandIssue(name: string, node: Node, text: string): ConfigIssue | undefined {
  const value: unknown = getNodeValue(node);
  if (!isCommand(value)) return undefined;
  const reading = readCommand(value);
  if (reading.kind === "words") return undefined;
  const what = `${name} ${reading.what}`;
  return { what, remedy: reading.remedy, ...rangeOf(node, text, reading.part) };
}

function isCommand(value: unknown): value is string | string[] {
  return (
    typeof value === "string" || (Array.isArray(value) && value.every((word) => typeof word === "string"))
  );
}

function rangeOf(node: Node, text: string, part: Part | undefined): Part {
  if (part === undefined) return { offset: node.offset, length: node.length };
  const start = sourceOffset(node, text, part.offset);
  return { offset: start, length: sourceOffset(node, text, part.offset + part.length) - start };
}

/** Where a character of a JSON string's value stands in the file: an escape is longer than what it stands for. */
function sourceOffset(node: Node, text: string, offset: number): number {
  let at = node.offset + 1;
  for (let passed = 0; passed < offset; passed += 1) {
    if (text[at] !== "\\") at += 1;
    else at += text[at + 1] === "u" ? 6 : 2;
  }
  return at;
}
