import { hereDocument } from "./here-document.ts";

/**
 * A shell's way to cut a command line into words and operators, without running anything: quoting and escapes as in
 * POSIX.1-2024, Shell Command Language, 2.2 (Quoting) and 2.3 (Token Recognition). Expansions aren't carried out;
 * a word says that it has one.
 */
export type ShellToken =
  | {
      readonly kind: "word";
      readonly text: string;
      /** What a shell would replace in it: `$NAME`, a backquoted command, `*`, a leading `~`. */
      readonly expansion?: string;
      /** The lines a shell would run for a part of it: what stands in `$(…)` and in backquotes. */
      readonly commands?: readonly string[];
      readonly offset: number;
    }
  /** `&&`, `||`, `|`, `;`, `&`, `(`, `)` or a line break. */
  | { readonly kind: "operator"; readonly text: string; readonly offset: number }
  /** `>`, `2>&1` and the like; the word that follows is its target. `body`: the lines of a here-document. */
  | { readonly kind: "redirect"; readonly text: string; readonly offset: number; readonly body?: string };

export interface ShellLine {
  readonly tokens: readonly ShellToken[];
  /** A quote that is never closed. */
  readonly unclosed?: { readonly quote: string; readonly offset: number };
}

const operator = /&&|\|\||\|&|;;|[|;&()\n]/y;
const redirect = /&>>?|<<<|<<-?|>>|>\||[<>]&|<>|[<>]/y;
const parameter = /\$(?:[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]|\{[^}]*\})/y;

/** How deep one `$(…)` may stand in another to be read as a shell does: what is deeper ends at its parenthesis. */
const deepest = 16;

/** How a line is quoted: as shells of POSIX do, or where backslashes stand in paths (`.\server.js`) and `^` quotes. */
export type Quoting = "posix" | "windows";

/** That of lines that people write into files on this machine. */
export const ownQuoting: Quoting = process.platform === "win32" ? "windows" : "posix";

/** Cuts a line into tokens. Never throws. */
export function readShellLine(text: string, quoting: Quoting = "posix"): ShellLine {
  return new Lexer(text, quoting).read();
}

/** A word that isn't at its end yet. */
interface OpenWord {
  text: string;
  readonly offset: number;
  expansion?: string;
  readonly commands: string[];
  quoted: boolean;
}

class Lexer {
  readonly #text: string;
  readonly #quoting: Quoting;
  readonly #nesting: number;
  readonly #tokens: ShellToken[] = [];
  /** Where in the tokens the here-documents of this line begin; their bodies stand below it. */
  #hereDocuments: number[] = [];
  /** Parentheses that are open. */
  #open = 0;
  #at: number;
  #word: OpenWord | undefined;
  #unclosed: { quote: string; offset: number } | undefined;

  /** @param nesting in how many others this one stands, from `at` on */
  constructor(text: string, quoting: Quoting, at = 0, nesting = 0) {
    this.#text = text;
    this.#quoting = quoting;
    this.#at = at;
    this.#nesting = nesting;
  }

  /** Where the parenthesis is that closes what this one reads; the text's end where there is none. */
  end(): number {
    while (this.#at < this.#text.length) {
      if (this.#text[this.#at] === ")" && this.#open === 0) return this.#at;
      this.#step();
    }
    return this.#text.length;
  }

  read(): ShellLine {
    while (this.#at < this.#text.length) this.#step();
    this.#endWord();
    return this.#unclosed === undefined
      ? { tokens: this.#tokens }
      : { tokens: this.#tokens, unclosed: this.#unclosed };
  }

  #step(): void {
    const char = this.#text[this.#at] ?? "";
    if (char === "\\") this.#escape();
    else if (char === "^" && this.#quoting === "windows") this.#caret();
    else if (char === "'") this.#singleQuoted();
    else if (char === '"') this.#doubleQuoted();
    else if (char === "$") this.#dollar();
    else if (char === "`") this.#backquoted();
    else if (char === "#" && this.#word === undefined) this.#comment();
    else if (char === " " || char === "\t" || char === "\r") this.#blank();
    else if (this.#redirection() || this.#operation()) return;
    else this.#plain(char);
  }

  #append(text: string, quoted = false): void {
    this.#word ??= { text: "", offset: this.#at, commands: [], quoted: false };
    this.#word.text += text;
    if (quoted) this.#word.quoted = true;
  }

  #expands(what: string): void {
    if (this.#word !== undefined) this.#word.expansion ??= what;
  }

  #endWord(): void {
    const word = this.#word;
    this.#word = undefined;
    if (word === undefined) return;
    const { text, offset, expansion, commands } = word;
    this.#tokens.push({
      ...{ kind: "word", text, offset },
      ...(expansion === undefined ? {} : { expansion }),
      ...(commands.length === 0 ? {} : { commands }),
    });
  }

  #blank(): void {
    this.#endWord();
    this.#at += 1;
  }

  #comment(): void {
    const end = this.#text.indexOf("\n", this.#at);
    this.#at = end < 0 ? this.#text.length : end;
  }

  /** `cmd` takes what follows as it is. */
  #caret(): void {
    this.#append(this.#text[this.#at + 1] ?? "^", true);
    this.#at += 2;
  }

  #escape(): void {
    const next = this.#text[this.#at + 1];
    if (this.#quoting === "windows" && next !== '"') {
      this.#append("\\");
      this.#at += 1;
      return;
    }
    if (next !== "\n") this.#append(next ?? "\\", true);
    this.#at += 2;
  }

  #singleQuoted(): void {
    const start = this.#at;
    const end = this.#text.indexOf("'", start + 1);
    if (end < 0) this.#unclosed = { quote: "'", offset: start };
    const stop = end < 0 ? this.#text.length : end;
    this.#append(this.#text.slice(start + 1, stop), true);
    this.#at = stop + 1;
  }

  #doubleQuoted(): void {
    const start = this.#at;
    this.#append("", true);
    this.#at += 1;
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) {
        this.#unclosed = { quote: '"', offset: start };
        return;
      }
      if (char === '"') {
        this.#at += 1;
        return;
      }
      if (char === "\\") this.#escapeInQuotes();
      else if (char === "$") this.#dollar();
      else if (char === "`") this.#backquoted();
      else {
        this.#append(char, true);
        this.#at += 1;
      }
    }
  }

  #escapeInQuotes(): void {
    const next = this.#text[this.#at + 1] ?? "";
    if (next === "\n") this.#at += 2;
    else if (next !== "" && this.#escapable.includes(next)) {
      this.#append(next, true);
      this.#at += 2;
    } else {
      this.#append("\\", true);
      this.#at += 1;
    }
  }

  /** What a backslash makes itself within double quotes. */
  get #escapable(): string {
    return this.#quoting === "windows" ? '"' : '$`"\\';
  }

  /** Keeps the text as it stands: what it would become isn't known here. */
  #dollar(): void {
    const found = this.#match(parameter);
    if (found !== undefined) this.#takeExpansion(found);
    else if (this.#text[this.#at + 1] === "(") this.#substitution();
    else {
      this.#append("$");
      this.#at += 1;
    }
  }

  #backquoted(): void {
    const end = this.#text.indexOf("`", this.#at + 1);
    const text = this.#text.slice(this.#at, end < 0 ? undefined : end + 1);
    this.#takeExpansion(text, text.slice(1, end < 0 ? undefined : -1));
  }

  /** `$(…)`, up to the parenthesis that closes it: quotes, comments and here-documents in it may have others. */
  #substitution(): void {
    const start = this.#at + 2;
    const isSum = this.#text[start] === "(";
    const end =
      isSum || this.#nesting >= deepest
        ? this.#closing()
        : new Lexer(this.#text, this.#quoting, start, this.#nesting + 1).end();
    const text = this.#text.slice(this.#at, end + 1);
    this.#takeExpansion(text, isSum ? undefined : this.#text.slice(start, end));
  }

  /** As many parentheses closed as were opened. */
  #closing(): number {
    let depth = 0;
    for (let end = this.#at + 1; end < this.#text.length; end++) {
      if (this.#text[end] === "(") depth += 1;
      else if (this.#text[end] === ")") depth -= 1;
      if (depth === 0) return end;
    }
    return this.#text.length;
  }

  #takeExpansion(text: string, command?: string): void {
    this.#append(text);
    this.#expands(text);
    if (command !== undefined) this.#word?.commands.push(command);
    this.#at += text.length;
  }

  #redirection(): boolean {
    const found = this.#match(redirect);
    if (found === undefined) return false;
    // `2>`: the digits right before it name a file descriptor and are no word.
    if (this.#word !== undefined && !this.#word.quoted && /^\d+$/.test(this.#word.text))
      this.#word = undefined;
    this.#endWord();
    if (found === "<<" || found === "<<-") this.#hereDocuments.push(this.#tokens.length);
    this.#tokens.push({ kind: "redirect", text: found, offset: this.#at });
    this.#at += found.length;
    return true;
  }

  #operation(): boolean {
    const found = this.#match(operator);
    if (found === undefined) return false;
    this.#endWord();
    this.#tokens.push({ kind: "operator", text: found, offset: this.#at });
    this.#at += found.length;
    if (found === "(") this.#open += 1;
    if (found === ")") this.#open -= 1;
    if (found === "\n") this.#readHereDocuments();
    return true;
  }

  /** Below a line that has some; the word behind each says which line ends it. */
  #readHereDocuments(): void {
    for (const index of this.#hereDocuments) {
      const [token, delimiter] = [this.#tokens[index], this.#tokens[index + 1]];
      if (token?.kind !== "redirect" || delimiter?.kind !== "word") continue;
      const { body, next } = hereDocument(this.#text, this.#at, delimiter.text, token.text === "<<-");
      this.#tokens[index] = { ...token, body };
      this.#at = next;
    }
    this.#hereDocuments = [];
  }

  #plain(char: string): void {
    const leadingTilde = char === "~" && this.#word === undefined;
    this.#append(char);
    if (leadingTilde || "*?[".includes(char)) this.#expands(char);
    this.#at += 1;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0];
  }
}
