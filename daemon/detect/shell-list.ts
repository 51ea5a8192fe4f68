import { ownQuoting, type Quoting, readShellLine, type ShellToken } from "./shell-words.ts";

/** One simple command of a shell line. */
export interface ShellCommand {
  readonly words: readonly string[];
  /** The operator after it; absent at the end of the line. */
  readonly next?: string;
  /** The lines that run first, for parts of its words: `$(…)`. */
  readonly inner?: readonly string[];
  /** The here-document it reads. */
  readonly input?: string;
  /** How many parentheses open in front of it, and close behind it: a `cd` within them counts there alone. */
  readonly opens?: number;
  readonly closes?: number;
}

/** Words that stand before a command or by themselves (POSIX.1-2024, Shell Command Language, 2.4). */
const keywords = new Set("! { } if then elif else fi while until do done".split(" "));

/**
 * The simple commands of a shell line in their order, redirections left out. Parentheses and keywords only group; what
 * stands in a here-document is none.
 */
export function readShellCommands(text: string, quoting: Quoting = "posix"): readonly ShellCommand[] {
  const commands: ShellCommand[] = [];
  let open = new OpenCommand();
  let opens = 0;
  const end = (next?: string) => {
    const [command] = open.close(next);
    open = new OpenCommand();
    if (command !== undefined) {
      commands.push(opens > 0 ? { ...command, opens } : command);
      opens = 0;
    }
    const last = commands.at(-1);
    if (next === ")" && last) commands[commands.length - 1] = { ...last, closes: (last.closes ?? 0) + 1 };
    if (next === "(") opens += 1;
  };
  for (const token of readShellLine(text, quoting).tokens) {
    if (token.kind === "operator") end(token.text);
    else open.take(token);
  }
  end();
  return commands;
}

/** A simple command as its tokens come. */
class OpenCommand {
  readonly #words: string[] = [];
  readonly #inner: string[] = [];
  #input: string | undefined;
  /** Whether the next word is where a redirection goes. */
  #isTarget = false;

  take(token: Exclude<ShellToken, { kind: "operator" }>): void {
    if (token.kind === "redirect") {
      this.#isTarget = true;
      this.#input = token.body ?? this.#input;
      return;
    }
    this.#inner.push(...(token.commands ?? []));
    if (!this.#isTarget) this.#words.push(token.text);
    this.#isTarget = false;
  }

  /** None where nothing but keywords stood there. */
  close(next?: string): readonly ShellCommand[] {
    while (keywords.has(this.#words[0] ?? "")) this.#words.shift();
    if (this.#words.length === 0) return [];
    return [
      {
        words: this.#words,
        ...(next === undefined ? {} : { next }),
        ...(this.#inner.length === 0 ? {} : { inner: this.#inner }),
        ...(this.#input === undefined ? {} : { input: this.#input }),
      },
    ];
  }
}

/** A command line that needs no shell, or what makes it need one. */
export type WordSplit =
  | { readonly kind: "words"; readonly words: readonly string[]; readonly env: Record<string, string> }
  | { readonly kind: "needs-shell"; readonly what: string; readonly offset: number }
  | { readonly kind: "unclosed"; readonly quote: string; readonly offset: number }
  | { readonly kind: "empty" };

/** Splits a command line into words as a shell would; leading assignments (`PORT=4000 next dev`) become `env`. */
export function splitCommandLine(text: string, quoting: Quoting = ownQuoting): WordSplit {
  const line = readShellLine(text, quoting);
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

/** `$env:PORT=3005` or `$env:PORT = "3005"` by itself, as PowerShell sets a variable; undefined for anything else. */
export function powerShellAssignment(words: readonly string[]): Record<string, string> | undefined {
  const found = /^\$env:(\w+)\s*=\s*(.*)$/is.exec(words.join(" "));
  return found === null ? undefined : { [found[1] ?? ""]: found[2] ?? "" };
}

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
