import { readShellLine, type ShellToken } from "./shell-words.ts";

/** One simple command of a shell line. */
export interface ShellCommand {
  readonly words: readonly string[];
  /** The operator after it; absent at the end of the line. */
  readonly next?: string;
}

/** Words that stand before a command or by themselves (POSIX.1-2024, Shell Command Language, 2.4). */
const keywords = new Set("! { } if then elif else fi while until do done".split(" "));

/** The simple commands of a shell line in their order, redirections left out. Parentheses and keywords only group. */
export function readShellCommands(text: string): readonly ShellCommand[] {
  const commands: ShellCommand[] = [];
  let words: string[] = [];
  let target = false;
  const end = (next?: string) => {
    while (keywords.has(words[0] ?? "")) words.shift();
    if (words.length > 0) commands.push(next === undefined ? { words } : { words, next });
    words = [];
    target = false;
  };
  for (const token of readShellLine(text).tokens) {
    if (token.kind === "operator") end(token.text);
    else if (token.kind === "redirect") target = true;
    else if (target) target = false;
    else words.push(token.text);
  }
  end();
  return commands;
}

/** A command line that needs no shell, or what makes it need one. */
export type WordSplit =
  | { readonly kind: "words"; readonly words: readonly string[]; readonly env: Record<string, string> }
  | { readonly kind: "needs-shell"; readonly what: string; readonly offset: number }
  | { readonly kind: "unclosed"; readonly quote: string; readonly offset: number }
  | { readonly kind: "empty" };

/** Splits a command line into words as a shell would; leading assignments (`PORT=4000 next dev`) become `env`. */
export function splitCommandLine(text: string): WordSplit {
  const line = readShellLine(text);
  if (line.unclosed !== undefined) return { kind: "unclosed", ...line.unclosed };
  const shell = line.tokens.find(needsShell);
  if (shell !== undefined) {
    const what = shell.kind === "word" ? (shell.expansion ?? "") : shell.text;
    return { kind: "needs-shell", what: what === "\n" ? "a line break" : what, offset: shell.offset };
  }
  const { words, env } = takeAssignments(line.tokens.map((token) => token.text));
  return words.length === 0 ? { kind: "empty" } : { kind: "words", words, env };
}

function needsShell(token: ShellToken): boolean {
  return token.kind !== "word" || token.expansion !== undefined;
}

const assignment = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s;

/** Parts `PORT=4000 next dev` into its assignments and its words. */
export function takeAssignments(argv: readonly string[]): {
  readonly env: Record<string, string>;
  readonly words: readonly string[];
} {
  const env: Record<string, string> = {};
  let count = 0;
  for (const word of argv) {
    const found = assignment.exec(word);
    if (found === null) break;
    env[found[1] ?? ""] = found[2] ?? "";
    count += 1;
  }
  return { env, words: argv.slice(count) };
}
